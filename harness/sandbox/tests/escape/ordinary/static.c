// What a static program with its own system calls does, as Go and Rust ones are: threads, signals, modes, times.
#include "../programs/proof.h"
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#define MUST(what) do { if (!(what)) { printf("BROKEN line %d: %s\n", __LINE__, strerror(errno)); return 1; } } while (0)

static void *thread(void *nothing) {
    cpu_set_t all;
    pid_t own = syscall(SYS_gettid);
    return sched_getaffinity(own, sizeof all, &all) || sched_setaffinity(own, sizeof all, &all) ? &thread : nothing;
}

int main(void) {
    bounded();
    MUST(chdir(env("SCRATCH")) == 0);
    int fd = open("file", O_CREAT | O_RDWR, 0600);
    MUST(fd >= 0);
    MUST(fchmod(fd, 0644) == 0);
    MUST(syscall(SYS_fchmodat, AT_FDCWD, "file", 0640) == 0);
    struct timespec times[2] = {{1, 2}, {3, 4}};
    MUST(futimens(fd, times) == 0);
    MUST(utimensat(AT_FDCWD, "file", NULL, 0) == 0);
    MUST(fchown(fd, getuid(), -1) == 0);
    MUST(posix_fallocate(fd, 0, 4096) == 0);
    MUST(syscall(SYS_fchmodat2, fd, "", 0600, AT_EMPTY_PATH) == 0);
    MUST(symlink("file", "link") == 0);
    MUST(utimensat(AT_FDCWD, "link", times, AT_SYMLINK_NOFOLLOW) == 0);
    MUST(lchown("link", getuid(), getgid()) == 0);
    // As the kernel answers.
    MUST(fchmod(999, 0600) < 0 && errno == EBADF);
    MUST(chmod("missing", 0600) < 0 && errno == ENOENT);
    MUST(chmod("file/below", 0600) < 0 && errno == ENOTDIR);
    MUST(syscall(SYS_fchmodat, AT_FDCWD, (char *)8, 0600) < 0 && errno == EFAULT);
    struct stat found;
    MUST(fstat(fd, &found) == 0 && (found.st_mode & 07777) == 0600);
    MUST(lstat("link", &found) == 0 && found.st_mtime == 3);

    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", getpid());
    MUST(access(path, R_OK) == 0 && (fd = open(path, O_RDONLY)) >= 0);
    pthread_t threads[8];
    for (int at = 0; at < 8; at++) MUST(pthread_create(&threads[at], NULL, thread, NULL) == 0);
    for (int at = 0; at < 8; at++) {
        void *result;
        MUST(pthread_join(threads[at], &result) == 0 && !result);
    }
    MUST(setpriority(PRIO_PROCESS, 0, 1) == 0);
    int pair[2];
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    pid_t child = fork();
    if (!child) {
        execl("/bin/sh", "sh", "-c", "kill -TERM $$", NULL);
        _exit(1);
    }
    int status;
    MUST(waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    printf("FINE\n");
    return 0;
}
