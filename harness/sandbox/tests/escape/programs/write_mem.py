# Overwrites the memory of another process so that it dies.
import os
from proof import attempt, number


def poke(pid):
    fd = os.open(f"/proc/{pid}/mem", os.O_RDWR)
    for line in open(f"/proc/{pid}/maps"):
        if "[stack]" in line:
            first, last = (int(it, 16) for it in line.split()[0].split("-"))
            os.pwrite(fd, b"\xff" * (last - first), first)
            os.kill(pid, 23)  # SIGURG: its handler returns into nowhere


for name in ("VICTIM_PID", "SIBLING_PID"):
    attempt(poke, number(name))
