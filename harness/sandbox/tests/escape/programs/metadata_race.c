// Exchanges a path, a folder, a link and a descriptor while their mode is changed, so that the change meets the user's file.
#include "proof.h"
#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static char path[4096];
static const char *own = "own", *target;
static int shared, own_fd, target_fd;
static volatile int done;

static void *exchange(void *nothing) {
    for (int turn = 0; !done; turn++) {
        strcpy(path, turn & 1 ? own : target);
        dup2(turn & 1 ? own_fd : target_fd, shared);
        unlink("new");
        if (symlink(turn & 1 ? own : target, "new") == 0) rename("new", "link");
        syscall(SYS_renameat2, AT_FDCWD, "folder", AT_FDCWD, "other", 2 /* RENAME_EXCHANGE */);
    }
    return nothing;
}

int main(void) {
    bounded();
    target = env("TARGETS");
    char first[4096];
    snprintf(first, sizeof first, "%.*s", (int)strcspn(target, ":"), target);
    target = first;
    char outside[4096];
    snprintf(outside, sizeof outside, "%s", first);
    *strrchr(outside, '/') = 0;
    own_fd = open(own, O_CREAT | O_RDWR, 0600);
    target_fd = open(target, O_PATH);
    shared = dup(own_fd);
    strcpy(path, own);
    mkdir("folder", 0700);
    close(open("folder/target", O_CREAT | O_RDWR, 0600));
    if (symlink(outside, "other") || symlink(own, "link")) return 1;
    pthread_t thread;
    pthread_create(&thread, NULL, exchange, NULL);
    for (int turn = 0; turn < 4000; turn++) {
        int mode = turn & 1 ? 0600 : 0666;
        chmod(path, mode);
        chmod("link", mode);
        chmod("folder/target", mode);
        fchmod(shared, mode);
        char by_link[32];
        snprintf(by_link, sizeof by_link, "/proc/self/fd/%d", shared);
        chmod(by_link, mode);
    }
    done = 1;
    pthread_join(thread, NULL);
    return 0;
}
