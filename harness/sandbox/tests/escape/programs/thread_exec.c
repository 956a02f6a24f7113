// A thread that is not the first executes a program: it takes over the number of the process.
#include "proof.h"
#include <pthread.h>

static void *become(void *mark) {
    execl("/bin/sh", "sh", "-c", "setsid sleep 20 & echo HOLDING; sleep 20; :", mark, NULL);
    return mark;
}

int main(int argc, char **argv) {
    bounded();
    pthread_t thread;
    pthread_create(&thread, NULL, become, argv[1]);
    stay();
}
