// Argument: the number of a process outside. Prints "<what> <errno>" for each way to signal it and others.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef F_SETOWN_EX
#define F_SETOWN_EX 15
#endif

static void say(const char *what, long result) {
    printf("%s %d\n", what, result < 0 ? errno : 0);
    fflush(stdout);
}

static int queue(long nr, pid_t process, pid_t thread, int signal) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = signal;
    info.si_code = SI_QUEUE;
    info.si_pid = getpid();
    info.si_uid = getuid();
    info.si_value.sival_int = 42;
    return nr == SYS_rt_sigqueueinfo ? syscall(nr, process, signal, &info) : syscall(nr, process, thread, signal, &info);
}

static void all(const char *name, pid_t target, int signal) {
    char what[64];
#define SAY(call, expression) snprintf(what, sizeof what, "%s-%s", name, call), errno = 0, say(what, expression)
    SAY("kill", kill(target, signal));
    SAY("group", kill(-target, signal));
    SAY("tkill", syscall(SYS_tkill, target, signal));
    SAY("tgkill", syscall(SYS_tgkill, target, target, signal));
    SAY("sigqueue", queue(SYS_rt_sigqueueinfo, target, 0, signal));
    SAY("tgsigqueue", queue(SYS_rt_tgsigqueueinfo, target, target, signal));
    int handle = syscall(SYS_pidfd_open, target, 0);
    if (handle >= 0) SAY("pidfd", syscall(SYS_pidfd_send_signal, handle, signal, NULL, 0));
    close(handle);
}

static volatile int value, sender, caught;

static void on_signal(int number, siginfo_t *info, void *context) {
    value = info->si_value.sival_int;
    sender = info->si_pid;
    caught = number;
}

static volatile pid_t thread_id;
static volatile int thread_caught;

static void on_thread_signal(int number) {
    thread_caught = syscall(SYS_gettid) == thread_id ? number : -1;
}

static void *thread(void *end) {
    thread_id = syscall(SYS_gettid);
    char byte;
    while (read(*(int *)end, &byte, 1) < 0 || !thread_caught) {}
    return NULL;
}

static int thread_gets(int by_tkill) {
    int ends[2];
    pthread_t other;
    thread_id = thread_caught = 0;
    if (pipe(ends)) return -1;
    pthread_create(&other, NULL, thread, &ends[0]);
    while (!thread_id) {}
    if (by_tkill ? syscall(SYS_tkill, thread_id, SIGUSR2) : pthread_kill(other, SIGUSR2)) return -1;
    while (!thread_caught) {}
    if (write(ends[1], "x", 1) < 0) return -1;
    pthread_join(other, NULL);
    return thread_caught == SIGUSR2 ? 0 : -1;
}

static pid_t child_in_group(pid_t group) {
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, group);
        for (;;) pause();
    }
    setpgid(child, group ? group : child);
    return child;
}

static int ended_by(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : -1;
}

int main(int argc, char **argv) {
    pid_t outside = atoi(argv[1]);
    struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
    sigaction(SIGUSR1, &action, NULL);
    signal(SIGUSR2, on_thread_signal);

    all("outside", outside, 0);
    all("outside", outside, SIGTERM);
    all("parent", getppid(), 0);
    all("nobody", 0x3ffffff, 0);
    say("everybody", kill(-1, 0));
    struct rlimit limit = { 1, 1 };
    say("outside-limit", prlimit(outside, RLIMIT_CPU, &limit, NULL));

    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) return 1;
    struct f_owner_ex owner = { F_OWNER_PID, outside };
    say("outside-owner", fcntl(pair[0], F_SETOWN, outside));
    say("outside-owner-group", fcntl(pair[0], F_SETOWN, -outside));
    say("outside-owner-ex", fcntl(pair[0], F_SETOWN_EX, &owner));
    say("outside-owner-ioctl", ioctl(pair[0], FIOSETOWN, &outside));
    if (argc > 2) return 0;

    // From here on everything works.
    say("own-owner", fcntl(pair[0], F_SETOWN, getpid()));
    say("own-io", fcntl(pair[0], F_SETFL, O_ASYNC | O_NONBLOCK));
    signal(SIGIO, SIG_IGN);
    say("own-kill", kill(getpid(), SIGUSR1));
    say("own-caught", caught == SIGUSR1 && sender == getpid() ? 0 : -1);
    say("own-queue", sigqueue(getpid(), SIGUSR1, (union sigval) { .sival_int = 7 }));
    say("own-value", value == 7 ? 0 : -1);
    int handle = syscall(SYS_pidfd_open, getpid(), 0);
    say("own-pidfd", syscall(SYS_pidfd_send_signal, handle, SIGUSR1, NULL, 0));
    say("own-raise", raise(SIGUSR1));
    say("own-group", kill(0, 0));
    say("own-group-by-number", kill(-getpgrp(), 0));
    say("own-thread", thread_gets(0));
    say("own-thread-by-tkill", thread_gets(1));

    pid_t leader = child_in_group(0), member = child_in_group(leader);
    say("children-group", kill(-leader, SIGKILL));
    say("children-ended", ended_by(leader) == SIGKILL && ended_by(member) == SIGKILL ? 0 : -1);
    for (int signal = SIGTERM; signal <= SIGRTMIN + 1; signal += SIGRTMIN + 1 - SIGTERM) {
        pid_t child = child_in_group(0);
        say("child-queue", queue(SYS_rt_sigqueueinfo, child, 0, signal));
        say("child-ended", ended_by(child) == signal ? 0 : -1);
    }
    pid_t child = child_in_group(0);
    say("child-tgkill", syscall(SYS_tgkill, child, child, SIGTERM));
    say("child-ended", ended_by(child) == SIGTERM ? 0 : -1);
    child = child_in_group(0);
    kill(child, SIGKILL);
    siginfo_t info;
    waitid(P_PID, child, &info, WEXITED | WNOWAIT);
    say("zombie", kill(child, 0));
    waitpid(child, NULL, 0);
    say("reaped", kill(child, 0));
    child = child_in_group(0);
    if (fork() == 0) {
        // A sibling, and its end by abort.
        kill(child, SIGTERM);
        abort();
    }
    say("sibling-ended", ended_by(child) == SIGTERM ? 0 : -1);
    say("child-aborted", ended_by(-1) == SIGABRT ? 0 : -1);
    return 0;
}
