// Looks for secrets in the key rings of the user and of the session (keyctl(2)).
#include "proof.h"
#include <linux/keyctl.h>

static void show(long key) {
    char bytes[1024];
    long len = syscall(SYS_keyctl, KEYCTL_READ, key, bytes, sizeof bytes);
    if (len > 0 && len <= (long)sizeof bytes) print_tokens(bytes, len);
}

int main(void) {
    bounded();
    syscall(SYS_keyctl, KEYCTL_LINK, KEY_SPEC_USER_KEYRING, KEY_SPEC_PROCESS_KEYRING);
    const int rings[] = {KEY_SPEC_USER_KEYRING, KEY_SPEC_SESSION_KEYRING, KEY_SPEC_USER_SESSION_KEYRING, KEY_SPEC_PROCESS_KEYRING};
    for (size_t at = 0; at < sizeof rings / sizeof *rings; at++)
        show(syscall(SYS_keyctl, KEYCTL_SEARCH, rings[at], "user", env("KEY_NAME"), 0));
    show(syscall(SYS_request_key, "user", env("KEY_NAME"), NULL, KEY_SPEC_PROCESS_KEYRING));
    if (env_number("KEY_ID")) show(env_number("KEY_ID"));
    return 0;
}
