# Takes from other processes the right to open files and to have time (prlimit(2) asks for the same user only).
import resource
from proof import attempt, number

for name in ("VICTIM_PID", "SIBLING_PID"):
    if number(name) > 1:
        for kind, value in [(resource.RLIMIT_NOFILE, 5), (resource.RLIMIT_CORE, 4096), (resource.RLIMIT_FSIZE, 4096)]:
            attempt(resource.prlimit, number(name), kind, (value, value))
