// Computes beyond its CPU time, ignoring the signal that says so.
#include "proof.h"
#include <time.h>

int main(void) {
    bounded();
    signal(SIGXCPU, SIG_IGN);
    while (clock() < 2 * CLOCKS_PER_SEC);
    hold();
}
