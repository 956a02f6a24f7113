// Uses whatever descriptors above 2 came along.
#include "proof.h"

int main(void) {
    bounded();
    for (int fd = 3; fd < 4096; fd++) {
        if (fcntl(fd, F_GETFD) < 0) continue;
        lseek(fd, 0, SEEK_SET);
        print_fd(fd);
        write(fd, "overwritten", 11);
    }
    return 0;
}
