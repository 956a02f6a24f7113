// A tree of 256 processes, all of which fork and forget.
#include "proof.h"

static void tree(int depth) {
    bounded();
    if (depth) {
        if (fork() == 0) tree(depth - 1);
        if (fork() == 0) tree(depth - 1);
    }
    // Each goes on forking children that end at once.
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        if (fork() == 0) _exit(0);
        usleep(20000);
    }
}

int main(void) {
    bounded();
    if (fork() == 0) tree(6);
    usleep(100000);
    printf("HOLDING\n");
    tree(6);
}
