// Calls that change the whole machine, with arguments that the kernel refuses only after it has checked the privilege.
#include "proof.h"

static void check(const char *name, long result, int expected) {
    // Beyond the check of the privilege: another error than the one for the missing privilege.
    if (result == 0 || errno == expected) printf("ESCAPED %s\n", name);
}

int main(void) {
    bounded();
    check("kexec_load", syscall(SYS_kexec_load, 0, 1000, NULL, 0), EINVAL);
    check("reboot", syscall(SYS_reboot, 1, 2, 3, NULL), EINVAL);
    check("swapon", syscall(SYS_swapon, "/nonexistent/swap", 0), ENOENT);
    check("swapoff", syscall(SYS_swapoff, "/nonexistent/swap"), ENOENT);
    check("acct", syscall(SYS_acct, "/nonexistent/folder/file"), ENOENT);
    check("init_module", syscall(SYS_init_module, "", 0, ""), ENOEXEC);
    check("finit_module", syscall(SYS_finit_module, -1, "", 0), EBADF);
    check("delete_module", syscall(SYS_delete_module, "evfuzz_none", O_NONBLOCK), ENOENT);
    check("sethostname", syscall(SYS_sethostname, "x", -1), EINVAL);
    check("quotactl", syscall(SYS_quotactl, -1, "/nonexistent", 0, NULL), ENODEV);
    return 0;
}
