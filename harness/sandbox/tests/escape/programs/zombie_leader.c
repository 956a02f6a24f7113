// The first thread ends, another one lives on: the process looks like a zombie.
#include "proof.h"
#include <pthread.h>

static void *live(void *nothing) {
    if (fork() == 0) {
        bounded();
        setsid();
        stay();
    }
    usleep(20000);
    hold();
    return nothing;
}

int main(void) {
    bounded();
    pthread_t thread;
    pthread_create(&thread, NULL, live, NULL);
    pthread_exit(NULL);
}
