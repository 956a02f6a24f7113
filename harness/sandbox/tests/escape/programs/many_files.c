// Fills up to 900 MB of disk with files of 10 MB, in scratch and wherever else it may.
#include "proof.h"

int main(void) {
    bounded();
    signal(SIGXFSZ, SIG_IGN);
    const char *places[] = {".", "/tmp", "/var/tmp", "/dev/shm", "/run", "/var/task", "/home"};
    for (int number = 0; number < 90; number++)
        for (size_t at = 0; at < sizeof places / sizeof *places; at++) {
            // In the control everything goes into its own scratch, which is removed.
            if (at && !*env("CAGED")) break;
            char path[64];
            snprintf(path, sizeof path, "%s/evfuzz-fill-%d-%d", places[at], getpid(), number);
            int fd = open(path, O_CREAT | O_WRONLY, 0600);
            if (fd < 0) continue;
            // Writes where the file system, or a filter, does not have fallocate(2).
            int full = posix_fallocate(fd, 0, 10 << 20);
            close(fd);
            if (!full) break;
        }
    hold();
}
