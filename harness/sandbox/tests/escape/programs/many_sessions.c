// A hundred processes, each in a session and a group of its own, each an orphan.
#include "proof.h"

int main(void) {
    bounded();
    for (int number = 0; number < 100; number++)
        if (fork() == 0) {
            setsid();
            if (fork()) _exit(0);
            bounded();
            setpgid(0, 0);
            stay();
        }
    while (wait(NULL) > 0);
    hold();
}
