// The same by clone and by clone3, whose flags are in memory.
#include "mount.h"
#include <linux/sched.h>

static int child(void *nothing) {
    bounded();
    // The parent writes nothing into the maps: without one, reading is done as nobody of the old user.
    usleep(1000);
    mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL);
    try_mounts();
    return 0;
}

static char stack[65536] __attribute__((aligned(16)));

int main(void) {
    bounded();
    for (int user = 1; user >= 0; user--) {
        int flags = CLONE_NEWNS | (user ? CLONE_NEWUSER | CLONE_NEWPID : 0);
        if (clone(child, stack + sizeof stack, flags | SIGCHLD, NULL) > 0) wait(NULL);
        struct clone_args args = {.flags = flags, .exit_signal = SIGCHLD};
        long pid = syscall(SYS_clone3, &args, sizeof args);
        if (pid == 0) _exit(child(NULL));
        if (pid > 0) wait(NULL);
    }
    return 0;
}
