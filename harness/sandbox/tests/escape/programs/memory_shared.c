// Takes 1.5 GiB as a file without a name, which is no memory of any process for setrlimit.
#include "proof.h"

int main(void) {
    bounded();
    for (int part = 0; part < 24; part++) {
        int fd = memfd_create("part", 0);
        static char bytes[1 << 20];
        memset(bytes, 1, sizeof bytes);
        for (int at = 0; at < 64; at++)
            if (write(fd, bytes, sizeof bytes) < 0) break;
    }
    hold();
}
