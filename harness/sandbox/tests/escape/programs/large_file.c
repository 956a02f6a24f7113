// Writes one file far beyond the limit, also past the limit's signal and by other calls than write.
#include "proof.h"

int main(void) {
    bounded();
    signal(SIGXFSZ, SIG_IGN);
    int fd = open("large", O_CREAT | O_RDWR, 0600);
    fallocate(fd, 0, 0, 200 << 20);
    ftruncate(fd, 200 << 20);
    pwrite(fd, "x", 1, 200 << 20);
    lseek(fd, 100 << 20, SEEK_SET);
    write(fd, "x", 1);
    hold();
}
