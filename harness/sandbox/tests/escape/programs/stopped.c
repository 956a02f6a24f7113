// A stopped process takes no signal but SIGKILL and SIGCONT, and its children stop with it.
#include "proof.h"

int main(void) {
    bounded();
    pid_t child = fork();
    if (child == 0) {
        bounded();
        setsid();
        if (fork() == 0) {
            bounded();
            raise(SIGSTOP);
            stay();
        }
        raise(SIGSTOP);
        stay();
    }
    waitpid(child, NULL, WUNTRACED);
    printf("HOLDING\n");
    raise(SIGSTOP);
    return 0;
}
