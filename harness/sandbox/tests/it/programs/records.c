// Lists its descriptors above 2, writes frames to the one named by its argument in several ways, closes it and stays.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// A length and as many bytes, all with the same value: what cannot be told apart from a neighbor's has a wrong length.
static void frame(int fd, uint32_t length, unsigned char value) {
    unsigned char *bytes = malloc(4 + length);
    memcpy(bytes, &length, 4);
    memset(bytes + 4, value, length);
    for (size_t at = 0; at < 4 + length;) {
        ssize_t len = write(fd, bytes + at, 4 + length - at);
        if (len <= 0) exit(1);
        at += len;
    }
    free(bytes);
}

int main(int count, char **args) {
    alarm(30);
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("open:");
    for (int fd = 3; fd < 4096; fd++)
        if (fcntl(fd, F_GETFD) >= 0) printf(" %d", fd);
    printf("\n");
    if (count < 2) return 0;
    int fd = atoi(args[1]);
    frame(fd, 5, 'a');
    frame(fd, 0, 0);
    // More than a pipe holds: what blocks, and does not fail, is complete in the end.
    frame(fd, 3 << 20, 0xff);
    pid_t child = fork();
    if (child == 0) {
        frame(fd, 7, 'c');
        _exit(0);
    }
    int status;
    if (waitpid(child, &status, 0) != child || status) return 2;
    // Asks for the permission again.
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int again = open(path, O_WRONLY);
    if (again < 0) return 3;
    frame(again, 2, '\n');
    close(again);
    close(fd);
    printf("closed\n");
    pause();
}
