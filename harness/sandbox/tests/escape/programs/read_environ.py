# Reads the environment of every process that can be seen.
from proof import everybody, read

for pid in everybody():
    read(f"/proc/{pid}/environ")
    read(f"/proc/{pid}/task/{pid}/environ")
