// Signals everybody at once. SIGURG does nothing to anybody but the bystander, which takes note of it.
#include "proof.h"

int main(void) {
    bounded();
    signal(SIGURG, SIG_IGN);
    kill(-1, SIGURG);
    syscall(SYS_kill, 0xffffffffffffffffUL, SIGURG);
    syscall(SYS_kill, 0x00000000ffffffffUL, SIGURG);
    return 0;
}
