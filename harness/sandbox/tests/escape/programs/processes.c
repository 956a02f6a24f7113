// Starts up to 3,000 processes that stay.
#include "proof.h"

int main(void) {
    bounded();
    signal(SIGCHLD, SIG_IGN);
    for (int number = 0; number < 3000; number++) {
        pid_t pid = fork();
        if (pid < 0) break;
        if (pid == 0) {
            bounded();
            stay();
        }
    }
    hold();
}
