// Gets page faults as messages, by which other programs stop the kernel in the middle of a copy (userfaultfd(2)).
#include "proof.h"
#include <sys/ioctl.h>

int main(void) {
    bounded();
    syscall(SYS_userfaultfd, O_CLOEXEC);
    syscall(SYS_userfaultfd, O_CLOEXEC | 1 /* UFFD_USER_MODE_ONLY */);
    ioctl(open("/dev/userfaultfd", O_RDWR), 0xaa00 /* USERFAULTFD_IOC_NEW */, 0);
    hold();
}
