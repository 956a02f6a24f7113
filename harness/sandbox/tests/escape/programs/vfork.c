// A parent that waits in vfork cannot be interrupted until its child executes or ends.
#include "proof.h"

int main(void) {
    bounded();
    if (fork() == 0) {
        bounded();
        setsid();
        if (vfork() == 0) {
            write(1, "HOLDING\n", 8);
            for (;;) pause();
        }
        _exit(0);
    }
    stay();
}
