// Takes 1.5 GiB of memory in twelve children, each of which stays below what one process may have.
#include "proof.h"

int main(void) {
    bounded();
    int ready[2];
    pipe(ready);
    for (int child = 0; child < 12; child++) {
        if (fork()) continue;
        bounded();
        volatile char *bytes = mmap(NULL, 128 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        for (size_t at = 0; bytes != MAP_FAILED && at < 128 << 20; at += 4096) bytes[at] = 1;
        close(ready[0]);
        close(ready[1]);
        stay();
    }
    // Nothing is ever written: the end comes when the last child has its memory, or died of it.
    close(ready[1]);
    read(ready[0], &ready, 1);
    hold();
}
