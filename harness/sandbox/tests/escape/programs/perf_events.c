// Counts events of itself and of others (perf_event_open(2)).
#include "proof.h"
#include <linux/perf_event.h>

int main(void) {
    bounded();
    struct perf_event_attr clock = {.type = PERF_TYPE_SOFTWARE, .size = sizeof clock, .config = PERF_COUNT_SW_CPU_CLOCK, .exclude_kernel = 1};
    syscall(SYS_perf_event_open, &clock, 0, -1, -1, 0);
    syscall(SYS_perf_event_open, &clock, env_number("VICTIM_PID"), -1, -1, 0);
    syscall(SYS_perf_event_open, &clock, -1, 0, -1, 0);
    hold();
}
