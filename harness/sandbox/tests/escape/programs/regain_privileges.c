// Tries to get capabilities back, or to take off the filter, by prctl and capset; then is held for a look from outside.
#include "proof.h"
#include <linux/capability.h>
#include <linux/securebits.h>
#include <linux/seccomp.h>

int main(void) {
    bounded();
    prctl(PR_SET_DUMPABLE, 1);
    prctl(PR_SET_SECUREBITS, 0);
    prctl(PR_SET_KEEPCAPS, 1);
    prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0);
    prctl(PR_SET_SECCOMP, 0);
    prctl(PR_SET_PTRACER, -1L);
    setresuid(0, 0, 0);
    setresgid(0, 0, 0);
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct all[2] = {{~0u, ~0u, ~0u}, {0x1ff, 0x1ff, 0x1ff}};
    syscall(SYS_capset, &header, all);
    for (int capability = 0; capability < 41; capability++) prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
    each_path("SECRETS", print_file);
    kill(env_number("VICTIM_PID"), SIGKILL);
    hold();
}
