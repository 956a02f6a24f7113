# Reads the user's files through directory descriptors, dots, and O_PATH descriptors.
import os
from proof import attempt, paths, read, tokens

for secret in paths("SECRETS"):
    home, name = os.path.split(secret)
    up = "../" * 12
    for path in [secret, up + secret, "/proc/self/root" + secret, "/proc/self/cwd/" + up + secret,
                 "/dev/fd/../root" + secret, "/usr/" + up + secret]:
        read(path)
    folder = attempt(os.open, home, os.O_PATH | os.O_DIRECTORY)
    if folder is not None:
        read(f"/proc/self/fd/{folder}/{name}")
        file = attempt(lambda: os.open(name, os.O_RDONLY, dir_fd=folder))
        if file is not None:
            tokens(os.read(file, 4096))
    file = attempt(os.open, secret, os.O_PATH)
    if file is not None:
        read(f"/proc/self/fd/{file}")
        read(f"/dev/fd/{file}")
    if attempt(os.chdir, home) is None:
        read(name)
    for entry in attempt(os.scandir, home) or []:
        read(entry.path)
