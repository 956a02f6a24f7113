// The new calls: a copy of a mount can be read before it is put anywhere (open_tree, fsopen).
#include "mount.h"
#include <linux/mount.h>

static void copied(const char *secret) {
    char home[4096], inside[4096];
    snprintf(home, sizeof home, "%s", secret);
    char *name = strrchr(home, '/');
    *name++ = 0;
    int tree = syscall(SYS_open_tree, AT_FDCWD, home, 1 /* OPEN_TREE_CLONE */);
    if (tree < 0) return;
    print_fd(openat(tree, name, O_RDONLY));
    getcwd(inside, sizeof inside);
    if (syscall(SYS_move_mount, tree, "", AT_FDCWD, inside, 4 /* MOVE_MOUNT_F_EMPTY_PATH */) == 0) {
        read_below(inside, secret);
        umount2(inside, MNT_DETACH);
    }
}

int main(void) {
    bounded();
    if (!*env("CAGED") && (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL))) return 0;
    each_path("SECRETS", copied);
    int proc = syscall(SYS_fsopen, "proc", 0);
    if (proc >= 0 && *env("CAGED")) printf("ESCAPED fsopen\n");
    return 0;
}
