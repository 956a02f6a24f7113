// Opens up to 100,000 descriptors, more of them after asking for a higher limit.
#include "proof.h"
#include <sys/resource.h>

int main(void) {
    bounded();
    struct rlimit more = {100000, 100000};
    if (setrlimit(RLIMIT_NOFILE, &more)) {
        getrlimit(RLIMIT_NOFILE, &more);
        more.rlim_cur = more.rlim_max;
        setrlimit(RLIMIT_NOFILE, &more);
    }
    for (int number = 0; number < 100000; number++)
        if (dup(0) < 0) break;
    hold();
}
