// Takes back the request to die with the parent, and lets the parent die.
#include "proof.h"

int main(void) {
    bounded();
    prctl(PR_SET_PDEATHSIG, 0);
    if (fork()) _exit(0);
    bounded();
    prctl(PR_SET_PDEATHSIG, 0);
    setsid();
    hold();
}
