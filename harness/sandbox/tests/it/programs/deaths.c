// Dies in the way that its argument names. Whatever it leaves behind ends by itself within seconds.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static char *self;

static void to_itself(int signal) {
    kill(getpid(), signal);
    // Not reached, or the signal was lost.
    _exit(99);
}

static void *end_all(void *code) {
    _exit((intptr_t)code);
}

static void *end_late(void *code) {
    // Until the first thread is a zombie.
    char path[64], line[4096];
    for (;;) {
        snprintf(path, sizeof path, "/proc/self/task/%d/stat", getpid());
        int file = open(path, O_RDONLY);
        ssize_t got = read(file, line, sizeof line - 1);
        close(file);
        if (got > 0 && (line[got] = 0, strstr(line, ") Z "))) _exit((intptr_t)code);
    }
}

static void *touch_nothing(void *nothing) {
    *(volatile int *)nothing = 1;
    return NULL;
}

static void *become_another(void *how) {
    execl(self, self, how, NULL);
    _exit(98);
}

static void in_a_thread(void *(*body)(void *), void *argument) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, body, argument)) _exit(97);
    for (;;) pause();
}

static __attribute__((noinline)) long deeper(volatile char *above) {
    volatile char here[4096];
    here[0] = above[0] + 1;
    return deeper(here) + here[0];
}

static void on_signal(int signal) {
    _exit(40 + signal);
}

static void await_stop_of(pid_t process) {
    char path[64], line[4096];
    snprintf(path, sizeof path, "/proc/%d/stat", process);
    for (;;) {
        int file = open(path, O_RDONLY);
        ssize_t got = read(file, line, sizeof line - 1);
        close(file);
        if (got <= 0) _exit(1);
        line[got] = 0;
        char state = strrchr(line, ')')[2];
        if (state == 'T' || state == 't') return;
    }
}

static void own_filter(void) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { sizeof code / sizeof *code, code };
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) _exit(96);
    syscall(SYS_getpgid, 0);
}

int main(int argc, char **argv) {
    const char *how = argv[1];
    self = argv[0];
    struct rlimit none = { 0, 0 };
    setrlimit(RLIMIT_CORE, &none);
#define WAY(name) if (!strcmp(how, name))
    if (!strncmp(how, "exit-", 5)) exit(atoi(how + 5));
    if (!strncmp(how, "kill-", 5)) to_itself(atoi(how + 5));
    WAY("return") return 3;
    WAY("abort") abort();
    WAY("bad-address") *(volatile int *)8 = 1;
    WAY("no-instruction") __builtin_trap();
    WAY("breakpoint") {
#if defined __x86_64__
        __asm__ volatile("int3");
#else
        raise(SIGTRAP);
#endif
        _exit(95);
    }
    WAY("divide") {
#if defined __x86_64__
        __asm__ volatile("xorl %%edx, %%edx; xorl %%ecx, %%ecx; movl $1, %%eax; idivl %%ecx" ::: "eax", "ecx", "edx");
#else
        raise(SIGFPE);
#endif
    }
    WAY("past-the-end") {
        int memory = memfd_create("short", 0);
        if (ftruncate(memory, 4096)) _exit(94);
        volatile char *all = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
        all[4096] = 1;
    }
    WAY("no-reader") {
        int ends[2];
        if (pipe(ends)) _exit(93);
        close(ends[0]);
        if (write(ends[1], "x", 1) < 0) _exit(92);
    }
    WAY("file-too-large") {
        int memory = memfd_create("large", 0);
        struct rlimit little = { 1, 1 };
        setrlimit(RLIMIT_FSIZE, &little);
        for (int i = 0; i < 2; i++) if (write(memory, "x", 1) < 0) _exit(91);
    }
    WAY("alarm") {
        struct itimerval soon = { .it_value.tv_usec = 1000 };
        setitimer(ITIMER_REAL, &soon, NULL);
        for (;;) pause();
    }
    WAY("own-filter") own_filter();
    WAY("stack-overflow") {
        char top = (char)argc;
        return (int)deeper(&top);
    }
    WAY("thread-ends-all") in_a_thread(end_all, (void *)7);
    WAY("bad-address-in-thread") in_a_thread(touch_nothing, NULL);
    WAY("exec-by-thread") in_a_thread(become_another, "exit-11");
    WAY("exec-by-thread-and-die") in_a_thread(become_another, "abort");
    WAY("first-thread-ends-first") {
        pthread_t thread;
        if (pthread_create(&thread, NULL, end_late, (void *)8)) _exit(97);
        syscall(SYS_exit, 9);
    }
    WAY("exec-and-die") become_another("bad-address");
    WAY("blocked") {
        // A fault cannot be put off (signal(7)).
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, NULL);
        *(volatile int *)8 = 1;
    }
    WAY("caught") {
        signal(SIGTERM, on_signal);
        to_itself(SIGTERM);
    }
    WAY("ignored") {
        signal(SIGTERM, SIG_IGN);
        kill(getpid(), SIGTERM);
        _exit(5);
    }
    WAY("child-lives-on") {
        if (fork() == 0) {
            alarm(5);
            for (;;) pause();
        }
        _exit(6);
    }
    WAY("child-dies-first") {
        int status = 0;
        pid_t child = fork();
        if (child == 0) abort();
        waitpid(child, &status, 0);
        _exit(WIFSIGNALED(status) ? 100 + WTERMSIG(status) : 90);
    }
    WAY("killed-by-child") {
        pid_t parent = getpid();
        if (fork() == 0) {
            kill(parent, SIGKILL);
            _exit(0);
        }
        for (;;) pause();
    }
    WAY("terminated-by-daemon") {
        pid_t parent = getpid();
        if (fork() == 0) {
            setsid();
            if (fork() == 0) kill(parent, SIGTERM);
            _exit(0);
        }
        for (;;) pause();
    }
    WAY("killed-while-stopped") {
        pid_t parent = getpid();
        if (fork() == 0) {
            await_stop_of(parent);
            kill(parent, SIGKILL);
            _exit(0);
        }
        to_itself(SIGSTOP);
    }
    WAY("stopped-and-continued") {
        pid_t parent = getpid();
        if (fork() == 0) {
            // Again and again: a tracer makes stops of its own, which look the same.
            for (await_stop_of(parent); getppid() == parent;) kill(parent, SIGCONT);
            _exit(0);
        }
        kill(parent, SIGSTOP);
        _exit(12);
    }
    WAY("stays-in-vfork") {
        if (vfork() == 0) {
            alarm(60);
            for (;;) pause();
        }
    }
    WAY("vfork-child-exits") {
        int status = 0;
        pid_t child = vfork();
        if (child == 0) _exit(13);
        waitpid(child, &status, 0);
        _exit(WEXITSTATUS(status));
    }
    WAY("vfork-child-dies") {
        int status = 0;
        pid_t child = vfork();
        if (child == 0) kill(getpid(), SIGKILL);
        waitpid(child, &status, 0);
        kill(getpid(), WTERMSIG(status));
    }
    WAY("vfork-child-executes") {
        int status = 0;
        pid_t child = vfork();
        if (child == 0) {
            execl(self, self, "exit-14", NULL);
            _exit(98);
        }
        waitpid(child, &status, 0);
        _exit(WEXITSTATUS(status));
    }
    return 90;
}
