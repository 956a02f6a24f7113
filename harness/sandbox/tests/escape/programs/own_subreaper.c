// Makes itself the one who gets orphans, so that nobody else finds them.
#include "proof.h"

int main(void) {
    bounded();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (int number = 0; number < 5; number++)
        if (fork() == 0) {
            bounded();
            setsid();
            prctl(PR_SET_CHILD_SUBREAPER, 1);
            if (fork()) _exit(0);
            bounded();
            setsid();
            stay();
        }
    while (wait(NULL) > 0 && errno != ECHILD)
        if (waitpid(-1, NULL, WNOHANG) == 0) break;
    hold();
}
