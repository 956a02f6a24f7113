// Connects by SMC, which falls back to TCP, and by the other stream protocols that the kernel may have.
#include "proof.h"
#include <arpa/inet.h>

int main(void) {
    bounded();
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(env_number("TCP4")), .sin_addr.s_addr = htonl(0x7f000001)};
    const int kinds[][3] = {{43, SOCK_STREAM, 0}, {43, SOCK_STREAM, 1}, {AF_INET, SOCK_STREAM, 132}, {AF_INET, SOCK_STREAM, 262},
                            {AF_INET, SOCK_STREAM, 256}, {AF_INET, SOCK_SEQPACKET, 132}, {AF_INET, 6 /* DCCP */, 33}};
    for (size_t at = 0; at < sizeof kinds / sizeof *kinds; at++) {
        int fd = socket(kinds[at][0], kinds[at][1], kinds[at][2]);
        if (fd >= 0) connect(fd, (void *)&to, sizeof to);
    }
    // UDP-Lite: its own port space, so only a sender.
    to.sin_port = htons(env_number("UDP"));
    sendto(socket(AF_INET, SOCK_DGRAM, 136), "x", 1, 0, (void *)&to, sizeof to);
    return 0;
}
