// Reads a POSIX message queue of the host: its name is no path, so rules about files may not apply (mq_overview(7)).
#include "proof.h"

int main(void) {
    bounded();
    int queue = syscall(SYS_mq_open, env("QUEUE"), O_RDWR | O_NONBLOCK, 0, NULL);
    if (queue < 0) return 0;
    char bytes[8192];
    unsigned priority;
    ssize_t len = syscall(SYS_mq_timedreceive, queue, bytes, sizeof bytes, &priority, NULL);
    if (len > 0) print_tokens(bytes, len);
    return 0;
}
