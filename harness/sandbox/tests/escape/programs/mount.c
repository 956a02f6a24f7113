// Mounts without asking for a namespace first. In the control a private one keeps the host clean.
#include "mount.h"

int main(void) {
    bounded();
    if (!*env("CAGED") && (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL))) return 0;
    try_mounts();
    if (*env("CAGED")) remounted();
    return 0;
}
