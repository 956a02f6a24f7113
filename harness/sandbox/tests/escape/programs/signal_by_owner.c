// Lets the kernel send the signal: the owner of a descriptor is told when there is something to read (fcntl(2), F_SETOWN).
#include "proof.h"

static void end(pid_t pid) {
    if (pid <= 1) return;
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0) return;
    fcntl(pair[0], F_SETOWN, pid);
    fcntl(pair[0], F_SETSIG, SIGKILL);
    fcntl(pair[0], F_SETFL, O_ASYNC);
    write(pair[1], "x", 1);
    fcntl(pair[0], F_SETSIG, SIGUSR1);
    write(pair[1], "x", 1);
}

int main(void) {
    bounded();
    end(env_number("VICTIM_PID"));
    end(env_number("SIBLING_PID"));
    return 0;
}
