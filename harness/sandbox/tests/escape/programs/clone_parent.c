// Makes siblings instead of children (CLONE_PARENT), without a signal at their end, not traced.
#include "proof.h"

static int live(void *nothing) {
    bounded();
    setsid();
    stay();
    return 0;
}

static char stacks[4][65536] __attribute__((aligned(16)));

int main(void) {
    bounded();
    const int flags[] = {CLONE_PARENT | SIGCHLD, CLONE_PARENT, CLONE_UNTRACED, CLONE_VM | CLONE_UNTRACED};
    for (int at = 0; at < 4; at++) clone(live, stacks[at] + sizeof stacks[at], flags[at], NULL);
    hold();
}
