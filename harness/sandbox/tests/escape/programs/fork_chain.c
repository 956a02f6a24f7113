// Never the same process for long: each forks its successor and ends, so that whoever kills by number is late.
// Ends after 20 seconds, or when STOP appears.
#include "proof.h"
#include <time.h>

int main(void) {
    bounded();
    time_t end = time(NULL) + 20;
    printf("HOLDING\n");
    setsid();
    while (time(NULL) < end && (*env("STOP") == 0 || access(env("STOP"), F_OK))) {
        pid_t pid = fork();
        if (pid > 0) _exit(0);
        setpgid(0, 0);
        alarm(20);
        // Without a pause one link lives for some 100 µs.
    }
    return 0;
}
