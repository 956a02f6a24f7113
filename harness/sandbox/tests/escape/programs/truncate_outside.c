// Empties files outside by name, which opens nothing.
#include "proof.h"

static void try_target(const char *target) {
    truncate(target, 0);
    int fd = open(target, O_RDONLY | O_TRUNC);
    if (fd >= 0) ftruncate(fd, 0);
}

int main(void) {
    bounded();
    each_path("TARGETS", try_target);
    return 0;
}
