// Wants to answer the system calls of its own children, among them those that someone else watches.
#include "proof.h"
#include <linux/filter.h>
#include <linux/seccomp.h>

int main(void) {
    bounded();
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    // Only a call that nobody makes is asked about.
    struct sock_filter code[] = {{0x20, 0, 0, 0}, {0x15, 0, 1, SYS_acct}, {0x06, 0, 0, SECCOMP_RET_USER_NOTIF}, {0x06, 0, 0, SECCOMP_RET_ALLOW}};
    struct sock_fprog program = {4, code};
    const long flags[] = {SECCOMP_FILTER_FLAG_NEW_LISTENER, SECCOMP_FILTER_FLAG_NEW_LISTENER | (1UL << 5),
                          SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_TSYNC | (1UL << 4)};
    for (size_t at = 0; at < 3; at++) syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags[at], &program);
    hold();
}
