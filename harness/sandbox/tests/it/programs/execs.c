// Tries to execute each argument in a child of its own and prints "<argument> <errno>", 0 if it ran.
// "fd:PATH" executes an open descriptor, "memfd:PATH" a copy in memory, "at:DIR:NAME" by a descriptor of DIR,
// "nofollow:PATH" without following a link, "claim:NAME" says what a canary says.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char *argv_of_program[] = { "program", "one", NULL };
static char *envp_of_program[] = { "TOKEN=secret-value", "EMPTY=", "BARE", NULL };

static void at(int dir, const char *path, int flags) {
    syscall(SYS_execveat, dir, path, argv_of_program, envp_of_program, flags);
}

static void attempt(char *what) {
    char *rest = strchr(what, ':');
    if (!strncmp(what, "fd:", 3)) {
        at(open(what + 3, O_RDONLY | O_CLOEXEC), "", AT_EMPTY_PATH);
    } else if (!strncmp(what, "memfd:", 6)) {
        int memory = memfd_create("program", MFD_CLOEXEC);
        sendfile(memory, open(what + 6, O_RDONLY), NULL, 1 << 20);
        at(memory, "", AT_EMPTY_PATH);
    } else if (!strncmp(what, "at:", 3)) {
        char *name = strchr(rest + 1, ':');
        *name = 0;
        int dir = open(rest + 1, O_RDONLY | O_DIRECTORY);
        *name = ':';
        at(dir, name + 1, 0);
    } else if (!strncmp(what, "badfd:", 6)) {
        at(999, what + 6, 0);
    } else if (!strncmp(what, "nofollow:", 9)) {
        at(AT_FDCWD, what + 9, AT_SYMLINK_NOFOLLOW);
    } else if (!strncmp(what, "claim:", 6)) {
        char *argv[] = { what + 6, NULL };
        execve("/evfuzz-canary-ran", argv, NULL);
    } else {
        execve(what, argv_of_program, envp_of_program);
    }
}

int main(int argc, char **argv) {
    // Executed by itself.
    if (!strcmp(argv[0], "program")) return 0;
    for (int i = 1; i < argc; i++) {
        int ends[2];
        int error = 0;
        if (pipe2(ends, O_CLOEXEC)) return 1;
        pid_t child = fork();
        if (child == 0) {
            attempt(argv[i]);
            error = errno;
            if (write(ends[1], &error, sizeof error) < 0) _exit(3);
            _exit(2);
        }
        close(ends[1]);
        if (read(ends[0], &error, sizeof error) < 0) return 1;
        close(ends[0]);
        waitpid(child, NULL, 0);
        printf("%s %d\n", argv[i], error);
    }
    return 0;
}
