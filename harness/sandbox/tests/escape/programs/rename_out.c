// Puts a file outside by O_TMPFILE and linkat, renames one out, exchanges one, without ever opening the outside.
#include "proof.h"

static void try_folder(const char *folder) {
    char to[4096], from[64];
    int fd = open(".", O_TMPFILE | O_RDWR, 0600);
    if (fd >= 0) {
        snprintf(to, sizeof to, "%s/from-tmpfile", folder);
        linkat(fd, "", AT_FDCWD, to, AT_EMPTY_PATH);
        snprintf(from, sizeof from, "/proc/self/fd/%d", fd);
        linkat(AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW);
        close(fd);
    }
    close(open("mine", O_CREAT | O_WRONLY, 0600));
    snprintf(to, sizeof to, "%s/target", folder);
    syscall(SYS_renameat2, AT_FDCWD, "mine", AT_FDCWD, to, 2 /* RENAME_EXCHANGE */);
    syscall(SYS_renameat2, AT_FDCWD, "mine", AT_FDCWD, to, 0);
    snprintf(to, sizeof to, "%s/linked", folder);
    link("mine", to);
    int dir = open(folder, O_PATH);
    linkat(AT_FDCWD, "mine", dir, "linked-below", 0);
}

int main(void) {
    bounded();
    each_path("OUTSIDE", try_folder);
    return 0;
}
