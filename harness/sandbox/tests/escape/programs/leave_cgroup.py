# Leaves its control group for the root one, where nothing limits it.
import glob
import os
from proof import attempt, hold


def enter(path):
    fd = os.open(path, os.O_WRONLY)
    os.write(fd, b"0")
    os.close(fd)


for pattern in ("/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/*/cgroup.procs"):
    for path in glob.glob(pattern):
        attempt(enter, path)
hold()
