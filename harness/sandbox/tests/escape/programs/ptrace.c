// Traces other processes, stopping and not stopping them, and reads their memory word by word.
#include "proof.h"
#include <sys/ptrace.h>

static void peek(pid_t pid, long address) {
    if (pid <= 1) return;
    if (ptrace(PTRACE_SEIZE, pid, 0, 0) == 0) {
        printf("ESCAPED seized %d\n", pid);
        ptrace(PTRACE_INTERRUPT, pid, 0, 0);
    } else if (ptrace(PTRACE_ATTACH, pid, 0, 0) == 0) {
        printf("ESCAPED attached %d\n", pid);
    } else {
        return;
    }
    waitpid(pid, NULL, __WALL);
    long words[16];
    for (size_t at = 0; at < 16; at++) words[at] = ptrace(PTRACE_PEEKDATA, pid, address + 8 * at, 0);
    print_tokens((char *)words, sizeof words);
    ptrace(PTRACE_DETACH, pid, 0, 0);
}

int main(void) {
    bounded();
    peek(env_number("VICTIM_PID"), env_number("VICTIM_ADDRESS"));
    peek(env_number("SIBLING_PID"), env_number("SIBLING_ADDRESS"));
    peek(env_number("HARNESS_PID"), env_number("HARNESS_ADDRESS"));
    peek(env_number("WARDEN_PID"), 4096);
    return 0;
}
