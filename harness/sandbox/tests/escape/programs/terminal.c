// Types into a terminal of the user (ioctl_tty(2), TIOCSTI), writes to it, and takes it as its own.
#include "proof.h"
#include <sys/ioctl.h>

int main(void) {
    bounded();
    const char *names[] = {env("TERMINAL"), "/dev/tty", "/proc/self/fd/0", "/proc/self/fd/1"};
    for (size_t at = 0; at < 4; at++) {
        int fd = open(names[at], O_RDWR | O_NOCTTY | O_NONBLOCK);
        if (fd < 0 || !isatty(fd)) continue;
        ioctl(fd, TIOCSCTTY, 1);
        ioctl(fd, TIOCSTI, "x");
        write(fd, "reached\n", 8);
    }
    return 0;
}
