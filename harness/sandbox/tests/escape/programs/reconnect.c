// Connects where it may, dissolves the association (connect(2), AF_UNSPEC), and connects elsewhere by the same socket.
#include "proof.h"
#include <arpa/inet.h>

int main(void) {
    bounded();
    const char *port = strrchr(env("SERVICE"), ':');
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(port ? atoi(port + 1) : 0), .sin_addr.s_addr = htonl(0x7f000001)};
    struct sockaddr_in other = own;
    other.sin_port = htons(env_number("TCP4"));
    struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    for (int family = AF_INET; family; family = family == AF_INET ? AF_INET6 : 0) {
        int fd = socket(family, SOCK_STREAM, 0);
        connect(fd, (void *)&own, sizeof own);
        connect(fd, &nobody, sizeof nobody);
        connect(fd, (void *)&other, sizeof other);
        // An address whose family says nothing, as old programs pass it.
        other.sin_family = AF_UNSPEC;
        connect(socket(family, SOCK_STREAM, 0), (void *)&other, sizeof other);
        other.sin_family = AF_INET;
        shutdown(fd, SHUT_RDWR);
        connect(fd, (void *)&other, sizeof other);
    }
    return 0;
}
