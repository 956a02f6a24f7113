# Goes through the root directory of other processes.
from proof import everybody, number, paths, read, targets

for pid in targets() + [1]:
    for secret in paths("SECRETS"):
        read(f"/proc/{pid}/root{secret}")
        read(f"/proc/{pid}/task/{pid}/root{secret}")
