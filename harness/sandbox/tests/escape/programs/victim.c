// The bystander: a process of the same user with secrets in its environment, arguments, memory, directory and files.
// Standard input brings the secret for its memory; the answer tells where it is and which descriptor is open.
#include "proof.h"

static char secret[256];
static void noticed(int number) { (void)number, _exit(77); }

int main(void) {
    alarm(120);
    // Harmless for every other process, so that even a signal to all can be tried.
    signal(SIGURG, noticed);
    if (!fgets(secret, sizeof secret, stdin)) strcpy(secret, env("IN_MEMORY"));
    int fd = -1;
    if (*env("OPEN_FILE")) {
        // Deleted afterwards: only the descriptor still leads to it.
        fd = open(env("OPEN_FILE"), O_RDWR);
        unlink(env("OPEN_FILE"));
    }
    if (*env("SCRATCH")) {
        // As another worker.
        FILE *file = fopen("sibling-secret", "w");
        if (file) {
            fprintf(file, "%s\n", env("IN_FILE"));
            fclose(file);
        }
    }
    printf("READY %lu %d\n", (unsigned long)secret, fd);
    fflush(stdout);
    for (;;) pause();
}
