// Makes a socket and connects it through io_uring.
#include "uring.h"
#include <arpa/inet.h>

int main(void) {
    bounded();
    if (!ring_open()) unsupported("io_uring is off");
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(env_number("TCP4")), .sin_addr.s_addr = htonl(0x7f000001)};
    struct io_uring_sqe make = {.opcode = IORING_OP_SOCKET, .fd = AF_INET, .off = SOCK_STREAM};
    int fd = ring_do(&make);
    if (fd < 0) fd = socket(AF_INET, SOCK_STREAM, 0);
    struct io_uring_sqe connect = {.opcode = IORING_OP_CONNECT, .fd = fd, .addr = (uintptr_t)&to, .off = sizeof to};
    ring_do(&connect);
    // A datagram, for which the ring needs no connection.
    to.sin_port = htons(env_number("UDP"));
    struct io_uring_sqe udp = {.opcode = IORING_OP_SOCKET, .fd = AF_INET, .off = SOCK_DGRAM};
    struct io_uring_sqe send = {.opcode = IORING_OP_SEND, .fd = ring_do(&udp), .addr = (uintptr_t)"reached", .len = 7,
                                .addr2 = (uintptr_t)&to, .addr_len = sizeof to};
    if (send.fd >= 0) ring_do(&send);
    return 0;
}
