// A traced process ends only when its tracer lets it, unless it is killed.
#include "proof.h"
#include <sys/ptrace.h>

int main(void) {
    bounded();
    if (fork() == 0) {
        bounded();
        setsid();
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        prctl(PR_SET_PDEATHSIG, 0);
        raise(SIGSTOP);
        stay();
    }
    usleep(20000);
    hold();
}
