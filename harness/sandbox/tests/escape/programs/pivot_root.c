// Changes its root to the user's home.
#include "mount.h"

static void steal(const char *secret) {
    if (fork()) {
        wait(NULL);
        return;
    }
    bounded();
    char home[4096];
    snprintf(home, sizeof home, "%s", secret);
    *strrchr(home, '/') = 0;
    if (*env("CAGED") == 0 && (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL))) _exit(0);
    unshare(CLONE_NEWNS);
    if (mount(home, home, NULL, MS_BIND, NULL) == 0) {
        chdir(home);
        if (syscall(SYS_pivot_root, ".", ".") == 0) {
            umount2(".", MNT_DETACH);
            print_file("/secret");
        }
    }
    _exit(0);
}

int main(void) {
    bounded();
    each_path("SECRETS", steal);
    return 0;
}
