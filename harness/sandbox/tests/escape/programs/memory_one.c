// Takes 1.5 GiB of memory and touches it.
#include "proof.h"

int main(void) {
    bounded();
    for (int part = 0; part < 24; part++) {
        volatile char *bytes = mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (bytes == MAP_FAILED) break;
        for (size_t at = 0; at < 64 << 20; at += 4096) bytes[at] = 1;
    }
    hold();
}
