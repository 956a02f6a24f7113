// How the hostile C programs prove an escape, and their end after 20 seconds.
// "ESCAPED <proof>" is printed with the proof in hand; tests/escape/bait.rs says what the variables mean.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOKEN "evfuzz-" "secret-"

// Call first, and again in every forked child: alarms are not inherited.
static inline void bounded(void) {
    alarm(20);
    setvbuf(stdout, NULL, _IOLBF, 0);
}

// The kernel lacks what is tried. Only a control may end like this.
static inline void unsupported(const char *reason) {
    printf("UNSUPPORTED %s\n", reason);
    exit(3);
}

static inline const char *env(const char *name) {
    const char *value = getenv(name);
    return value ? value : "";
}

static inline long env_number(const char *name) { return strtol(env(name), NULL, 0); }

// Calls `each` with every part of a list of paths.
static inline void each_path(const char *name, void (*each)(const char *)) {
    char *list = strdup(env(name)), *rest = list, *path;
    while ((path = strsep(&rest, ":")))
        if (*path) each(path);
    free(list);
}

// Prints all secrets found in `bytes`.
static inline int print_tokens(const char *bytes, size_t len) {
    const size_t mark = strlen(TOKEN);
    int found = 0;
    for (size_t at = 0; at + mark < len; at++) {
        if (memcmp(bytes + at, TOKEN, mark)) continue;
        size_t end = at + mark;
        while (end < len && (bytes[end] == '-' || (bytes[end] >= 'a' && bytes[end] <= 'z') ||
                             (bytes[end] >= '0' && bytes[end] <= '9')))
            end++;
        printf("ESCAPED %.*s\n", (int)(end - at), bytes + at);
        found++;
        at = end;
    }
    return found;
}

static inline int print_fd(int fd) {
    char bytes[4096];
    if (fd < 0) return 0;
    ssize_t len = read(fd, bytes, sizeof bytes);
    return len > 0 ? print_tokens(bytes, len) : 0;
}

static inline void print_file(const char *path) {
    int fd = open(path, O_RDONLY);
    if (fd < 0) return;
    print_fd(fd);
    close(fd);
}

// The evil state is reached: the outside may look at it now. Ends by a kill or by the alarm.
static inline void hold(void) {
    printf("HOLDING\n");
    for (;;) pause();
}

// The same for one of several processes, after the others are ready.
static inline void stay(void) {
    for (;;) pause();
}
