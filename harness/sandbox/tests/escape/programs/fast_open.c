// Connects while sending: TCP Fast Open by flag, by socket option, by one call for many messages.
#include "proof.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>

int main(void) {
    bounded();
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(env_number("TCP4")), .sin_addr.s_addr = htonl(0x7f000001)};
    sendto(socket(AF_INET, SOCK_STREAM, 0), "x", 1, MSG_FASTOPEN, (void *)&to, sizeof to);
    struct iovec piece = {"x", 1};
    struct mmsghdr many = {.msg_hdr = {.msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &piece, .msg_iovlen = 1}};
    sendmsg(socket(AF_INET, SOCK_STREAM, 0), &many.msg_hdr, MSG_FASTOPEN);
    sendmmsg(socket(AF_INET, SOCK_STREAM, 0), &many, 1, MSG_FASTOPEN);
    // Without a message the flag may be hidden in the high half of the register.
    syscall(SYS_sendto, socket(AF_INET, SOCK_STREAM, 0), "x", 1, 0xffffffff00000000UL | MSG_FASTOPEN, &to, sizeof to);
    int on = 1, late = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(late, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof on);
    connect(late, (void *)&to, sizeof to);
    send(late, "x", 1, 0);
    return 0;
}
