// Makes other processes slow: priority, scheduler, processor.
#include "proof.h"
#include <sys/resource.h>

static void slow(pid_t pid) {
    if (pid <= 1) return;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    sched_setaffinity(pid, sizeof one, &one);
    setpriority(PRIO_PROCESS, pid, 19);
    setpriority(PRIO_PGRP, pid, 19);
    struct sched_param none = {0};
    sched_setscheduler(pid, SCHED_IDLE, &none);
    syscall(SYS_ioprio_set, 1, pid, 3 << 13);
}

int main(void) {
    bounded();
    slow(env_number("VICTIM_PID"));
    slow(env_number("SIBLING_PID"));
    return 0;
}
