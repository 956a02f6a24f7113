// Executes a program that belongs to root and has its setuid bit set.
#include "proof.h"

int main(void) {
    bounded();
    execl(env("SETUID_PROGRAM"), "setuid", NULL);
    return 0;
}
