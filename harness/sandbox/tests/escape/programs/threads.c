// Starts up to 3,000 threads that stay.
#include "proof.h"
#include <pthread.h>

static void *nothing(void *it) {
    stay();
    return it;
}

int main(void) {
    bounded();
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    for (int number = 0; number < 3000; number++) {
        pthread_t thread;
        if (pthread_create(&thread, &small, nothing, NULL)) break;
    }
    hold();
}
