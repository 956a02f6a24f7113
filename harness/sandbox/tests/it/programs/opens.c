// Opens, deletes and renames in the current folder by every call there is.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) {
    if (argc > 1) {
        for (int i = atoi(argv[1]); i > 0; i--) close(open("/dev/null", O_RDONLY));
        return 0;
    }
    mkdir("folder", 0755);
    int dir = open("folder", O_RDONLY | O_DIRECTORY);
    close(openat(dir, "made", O_WRONLY | O_CREAT, 0644));
    close(openat(dir, "../folder/./made", O_RDWR));
    close(openat(AT_FDCWD, "folder/made", O_WRONLY));
    struct open_how how = { .flags = O_RDWR };
    close(syscall(SYS_openat2, dir, "made", &how, sizeof how));
    renameat2(dir, "made", AT_FDCWD, "moved", 0);
    unlinkat(AT_FDCWD, "moved", 0);
    close(openat(AT_FDCWD, "/etc/missing", O_RDONLY));
#ifdef SYS_open
    close(syscall(SYS_open, "old", O_RDONLY));
    close(syscall(SYS_creat, "old", 0644));
    syscall(SYS_rename, "old", "older");
    syscall(SYS_unlink, "older");
    syscall(SYS_rmdir, "folder");
#endif
    return 0;
}
