// Watches the user's directories for names of new files. Landlock does not cover inotify.
#include "proof.h"
#include <sys/inotify.h>

static int queue, watched;
static void watch(const char *folder) { watched += inotify_add_watch(queue, folder, IN_CREATE | IN_OPEN) >= 0; }

int main(void) {
    bounded();
    queue = inotify_init();
    each_path("OUTSIDE", watch);
    if (!watched) return 0;
    printf("HOLDING\n");
    char events[65536];
    for (;;) {
        ssize_t len = read(queue, events, sizeof events);
        if (len > 0 && print_tokens(events, len)) return 0;
    }
}
