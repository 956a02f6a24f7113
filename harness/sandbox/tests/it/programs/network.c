// Does what each argument says and prints "<argument> <errno>".
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

// A question for the A record of "a.example".
static char question[] = "\x12\x34\x01\0\0\1\0\0\0\0\0\0\1a\7example\0\0\1\0\1";
static const size_t question_len = sizeof question - 1;

static struct sockaddr_in inet(const char *text) {
    struct sockaddr_in at = { .sin_family = AF_INET };
    char host[64];
    const char *colon = strchr(text, ':');
    snprintf(host, sizeof host, "%.*s", (int)(colon - text), text);
    inet_pton(AF_INET, host, &at.sin_addr);
    at.sin_port = htons(atoi(colon + 1));
    return at;
}

static int reach(int domain, int type, const void *at, socklen_t len) {
    int s = socket(domain, type, 0);
    if (s < 0) return -1;
    return connect(s, at, len);
}

static int local(const char *path, int abstract) {
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    memcpy(at.sun_path + abstract, path, strlen(path));
    return reach(AF_UNIX, SOCK_STREAM, &at, offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1);
}

// Sends the question in the way of `how`.
static int ask(const char *how) {
    struct sockaddr_in at = inet("127.0.0.1:53");
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    if (s < 0) return -1;
    struct iovec pieces[2] = { { question, 5 }, { question + 5, question_len - 5 } };
    struct mmsghdr message = { .msg_hdr = { .msg_iov = pieces, .msg_iovlen = 2 } };
    int connected = !strncmp(how, "connected-", 10);
    if (connected) {
        how += 10;
        if (connect(s, (void *)&at, sizeof at)) return -1;
    } else {
        message.msg_hdr.msg_name = &at;
        message.msg_hdr.msg_namelen = sizeof at;
    }
    if (!strcmp(how, "sendto")) return sendto(s, question, question_len, 0, connected ? NULL : (void *)&at, connected ? 0 : sizeof at) < 0;
    if (!strcmp(how, "sendmsg")) return sendmsg(s, &message.msg_hdr, 0) < 0;
    return sendmmsg(s, &message, 1, 0) < 0;
}

static int resolve(const char *name) {
    res_init();
    _res.nscount = 1;
    _res.nsaddr_list[0] = inet("127.0.0.1:53");
    _res.retry = 1;
    _res.retrans = 1;
    struct addrinfo *found = NULL;
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    getaddrinfo(name, "80", &hints, &found);
    return 0;
}

static int act(const char *what) {
    const char *rest = strchr(what, ':') + 1;
    if (!strncmp(what, "tcp:", 4)) {
        struct sockaddr_in at = inet(rest);
        return reach(AF_INET, SOCK_STREAM, &at, sizeof at);
    }
    if (!strncmp(what, "mapped:", 7)) {
        struct sockaddr_in four = inet(rest);
        struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_port = four.sin_port };
        at.sin6_addr.s6_addr[10] = at.sin6_addr.s6_addr[11] = 0xff;
        memcpy(at.sin6_addr.s6_addr + 12, &four.sin_addr, 4);
        return reach(AF_INET6, SOCK_STREAM, &at, sizeof at);
    }
    if (!strncmp(what, "tcp6:", 5)) {
        struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_port = htons(atoi(rest)), .sin6_addr = in6addr_loopback };
        return reach(AF_INET6, SOCK_STREAM, &at, sizeof at);
    }
    if (!strncmp(what, "service:", 8)) {
        struct sockaddr_in at = inet(getenv("SERVICE"));
        return reach(AF_INET, SOCK_STREAM, &at, sizeof at);
    }
    if (!strncmp(what, "bind:", 5)) {
        struct sockaddr_in at = inet(rest);
        return bind(socket(AF_INET, SOCK_STREAM, 0), (void *)&at, sizeof at);
    }
    if (!strncmp(what, "unix:", 5)) return local(rest, 0);
    if (!strncmp(what, "abstract:", 9)) return local(rest, 1);
    if (!strncmp(what, "udp:", 4)) {
        struct sockaddr_in at = inet(rest);
        return sendto(socket(AF_INET, SOCK_DGRAM, 0), "x", 1, 0, (void *)&at, sizeof at) < 0;
    }
    if (!strncmp(what, "pair:", 5)) {
        // What functions do for every answer.
        int pair[2];
        char byte;
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) return -1;
        for (int i = 0; i < atoi(rest); i++) {
            if (send(pair[0], "x", 1, MSG_NOSIGNAL) != 1 || recv(pair[1], &byte, 1, 0) != 1) return -1;
        }
        return 0;
    }
    if (!strncmp(what, "ask:", 4)) return ask(rest);
    return resolve(rest);
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        errno = 0;
        printf("%s %d\n", argv[i], act(argv[i]) ? errno : 0);
    }
    return 0;
}
