// io_uring by hand: one entry, one answer (io_uring(7)). The work is done by the kernel, past seccomp.
#include "proof.h"
#include <linux/io_uring.h>

static int ring = -1;
static struct io_uring_params params;
static char *queue, *completions;
static struct io_uring_sqe *entries;

static int ring_open(void) {
    ring = syscall(SYS_io_uring_setup, 4, &params);
    if (ring < 0) return 0;
    size_t size = params.sq_off.array + params.sq_entries * 4;
    queue = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING);
    size = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
    completions = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_CQ_RING);
    size = params.sq_entries * sizeof(struct io_uring_sqe);
    entries = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
    return queue != MAP_FAILED && completions != MAP_FAILED && entries != MAP_FAILED;
}

static int ring_do(const struct io_uring_sqe *entry) {
    unsigned *tail = (void *)(queue + params.sq_off.tail), mask = *(unsigned *)(queue + params.sq_off.ring_mask);
    unsigned *array = (void *)(queue + params.sq_off.array);
    entries[*tail & mask] = *entry;
    array[*tail & mask] = *tail & mask;
    __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
    if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0) return -1;
    unsigned *head = (void *)(completions + params.cq_off.head), cmask = *(unsigned *)(completions + params.cq_off.ring_mask);
    struct io_uring_cqe *all = (void *)(completions + params.cq_off.cqes);
    int result = all[*head & cmask].res;
    __atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
    return result;
}
