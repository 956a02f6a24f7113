// Writes outside through /proc/self/root, /proc/self/cwd and /proc/self/fd.
#include "proof.h"

static void overwrite(const char *path) {
    int fd = open(path, O_WRONLY);
    if (fd >= 0 && write(fd, "overwritten", 11) == 11) close(fd);
}

static void try_target(const char *target) {
    char path[4096];
    const char *ways[] = {"/proc/self/root%s", "/proc/thread-self/root%s", "/proc/self/cwd/../../../../../../../..%s",
                          "/proc/self/task/../root%s"};
    for (size_t at = 0; at < sizeof ways / sizeof *ways; at++) {
        snprintf(path, sizeof path, ways[at], target);
        overwrite(path);
    }
    int fd = open(target, O_PATH);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    overwrite(path);
    // Past libc, by a path that is reopened through the kernel's magic link.
    int dir = open("..", O_PATH | O_DIRECTORY);
    snprintf(path, sizeof path, "/proc/self/fd/%d/../../../../../../../..%s", dir, target);
    overwrite(path);
}

int main(void) {
    bounded();
    each_path("TARGETS", try_target);
    return 0;
}
