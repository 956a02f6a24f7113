// Opens and connects by number, past every wrapper of libc, with old and new calls.
#include "proof.h"
#include <arpa/inet.h>
#include <linux/openat2.h>

static void steal(const char *path) {
#ifdef __x86_64__
    long fd;
    __asm__ volatile("syscall" : "=a"(fd) : "a"(2 /* open */), "D"(path), "S"(O_RDONLY), "d"(0) : "rcx", "r11", "memory");
    print_fd(fd);
    // The kernel looks at the low half of the number only.
    __asm__ volatile("syscall" : "=a"(fd) : "a"(0x7fffffff00000002L), "D"(path), "S"(O_RDONLY), "d"(0) : "rcx", "r11", "memory");
    print_fd(fd);
#endif
    print_fd(syscall(SYS_openat, AT_FDCWD, path, O_RDONLY));
    struct open_how how = {.flags = O_RDONLY};
    print_fd(syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how));
    char *args[] = {"cat", (char *)path, NULL};
    if (fork() == 0) {
        bounded();
        syscall(SYS_execveat, AT_FDCWD, "/bin/cat", args, NULL, 0);
        _exit(0);
    }
    wait(NULL);
}

int main(void) {
    bounded();
    each_path("SECRETS", steal);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(env_number("TCP4")), .sin_addr.s_addr = htonl(0x7f000001)};
    syscall(SYS_connect, syscall(SYS_socket, AF_INET, SOCK_STREAM, 0), &to, sizeof to);
    return 0;
}
