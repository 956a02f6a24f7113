// Reads the memory of other processes by system call.
#include "proof.h"
#include <sys/uio.h>

static void peek(const char *pid, const char *address) {
    char bytes[128] = {0};
    struct iovec here = {bytes, sizeof bytes}, there = {(void *)env_number(address), sizeof bytes};
    if (process_vm_readv(env_number(pid), &here, 1, &there, 1, 0) > 0) print_tokens(bytes, sizeof bytes);
}

int main(void) {
    bounded();
    peek("VICTIM_PID", "VICTIM_ADDRESS");
    peek("HARNESS_PID", "HARNESS_ADDRESS");
    peek("SIBLING_PID", "SIBLING_ADDRESS");
    return 0;
}
