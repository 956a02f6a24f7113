// Kills by all the other calls that send signals.
#include "proof.h"

static void end(pid_t pid) {
    if (pid <= 1) return;
    siginfo_t info = {0};
    info.si_signo = SIGKILL;
    info.si_code = SI_QUEUE;
    syscall(SYS_tkill, pid, SIGKILL);
    syscall(SYS_tgkill, pid, pid, SIGKILL);
    syscall(SYS_rt_sigqueueinfo, pid, SIGKILL, &info);
    syscall(SYS_rt_tgsigqueueinfo, pid, pid, SIGKILL, &info);
}

int main(void) {
    bounded();
    end(env_number("VICTIM_PID"));
    end(env_number("SIBLING_PID"));
    return 0;
}
