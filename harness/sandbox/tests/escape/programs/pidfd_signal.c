// Kills through a descriptor of the process.
#include "proof.h"

static void end(const char *name) {
    int fd = syscall(SYS_pidfd_open, env_number(name), 0);
    if (fd >= 0) syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld", env_number(name));
    fd = open(path, O_DIRECTORY);
    if (fd >= 0) syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
}

int main(void) {
    bounded();
    end("VICTIM_PID");
    end("SIBLING_PID");
    return 0;
}
