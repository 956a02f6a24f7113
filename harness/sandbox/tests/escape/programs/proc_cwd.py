# Goes through the working directory of other processes.
import os
from proof import attempt, everybody, read

for pid in everybody():
    for name in ("secret", "../secret", "home/secret"):
        read(f"/proc/{pid}/cwd/{name}")
    if attempt(os.chdir, f"/proc/{pid}/cwd") is None:
        read("secret")
