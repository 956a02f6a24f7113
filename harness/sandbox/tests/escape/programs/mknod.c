// Makes its own nodes of the disk below / and of the kernel's log, and opens them.
#include "proof.h"
#include <sys/sysmacros.h>

int main(void) {
    bounded();
    struct stat root;
    stat("/usr/bin", &root);
    mknod("disk", S_IFBLK | 0600, root.st_dev);
    mknod("kmsg", S_IFCHR | 0600, makedev(1, 11));
    mknod("mem", S_IFCHR | 0600, makedev(1, 1));
    mknodat(AT_FDCWD, "/tmp/evfuzz-kmsg", S_IFCHR | 0600, makedev(1, 11));
    open("disk", O_RDONLY);
    open("kmsg", O_RDONLY);
    open("/tmp/evfuzz-kmsg", O_RDONLY);
    unlink("/tmp/evfuzz-kmsg");
    hold();
}
