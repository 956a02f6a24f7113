// Mounts by name, seen from a mount namespace of its own where there is one, so that nothing is left behind.
#include "proof.h"
#include <sys/mount.h>

static char folder[4096];

static void read_below(const char *at, const char *secret) {
    char path[8192];
    snprintf(path, sizeof path, "%s/%s", at, strrchr(secret, '/') + 1);
    print_file(path);
    snprintf(path, sizeof path, "%s%s", at, secret);
    print_file(path);
}

static void shown(const char *secret) {
    char home[4096];
    snprintf(home, sizeof home, "%s", secret);
    *strrchr(home, '/') = 0;
    const char *sources[] = {home, "/"};
    for (size_t at = 0; at < 2; at++) {
        if (mount(sources[at], folder, NULL, MS_BIND | MS_REC, NULL)) continue;
        read_below(folder, secret);
        umount2(folder, MNT_DETACH);
    }
}

// Mounts of the host that inside are covered or read-only.
static void remounted(void) {
    umount2("/tmp", MNT_DETACH);
    umount2("/etc/shadow", MNT_DETACH);
    mount(NULL, "/usr", NULL, MS_REMOUNT | MS_BIND, NULL);
    mount("proc", folder, "proc", 0, NULL);
    each_path("SECRETS", print_file);
}

static void try_mounts(void) {
    getcwd(folder, sizeof folder - 8);
    strcat(folder, "/mnt");
    mkdir(folder, 0700);
    each_path("SECRETS", shown);
}
