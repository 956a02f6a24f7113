// Creates a map and loads a program for the kernel (bpf(2)), and holds both.
#include "proof.h"
#include <linux/bpf.h>

int main(void) {
    bounded();
    union bpf_attr map = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1};
    syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof map);
    struct bpf_insn code[] = {{.code = 0xb7 /* r0 = 0 */}, {.code = 0x95 /* exit */}};
    union bpf_attr program = {.prog_type = BPF_PROG_TYPE_SOCKET_FILTER, .insns = (uintptr_t)code, .insn_cnt = 2, .license = (uintptr_t) "GPL"};
    syscall(SYS_bpf, BPF_PROG_LOAD, &program, sizeof program);
    hold();
}
