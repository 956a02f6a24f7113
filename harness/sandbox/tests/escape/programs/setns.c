// Joins the namespaces of other processes, and reads and connects there.
#include "proof.h"
#include <arpa/inet.h>

static void look(const char *how) {
    each_path("SECRETS", print_file);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(env_number("TCP4")), .sin_addr.s_addr = htonl(0x7f000001)};
    connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&to, sizeof to);
}

int main(void) {
    bounded();
    const long pids[] = {1, getppid(), env_number("VICTIM_PID"), env_number("HARNESS_PID"), env_number("WARDEN_PID")};
    const char *kinds[] = {"user", "net", "ipc", "uts", "pid", "mnt"};
    for (size_t at = 0; at < sizeof pids / sizeof *pids; at++) {
        // In a child: joining is for good.
        if (fork() == 0) {
            bounded();
            int joined = 0;
            for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++) {
                char path[64];
                snprintf(path, sizeof path, "/proc/%ld/ns/%s", pids[at], kinds[kind]);
                joined += setns(open(path, O_RDONLY), 0) == 0;
            }
            int pidfd = syscall(SYS_pidfd_open, pids[at], 0);
            joined += setns(pidfd, CLONE_NEWNS | CLONE_NEWNET) == 0;
            if (joined) look("joined");
            _exit(0);
        }
        wait(NULL);
    }
    return 0;
}
