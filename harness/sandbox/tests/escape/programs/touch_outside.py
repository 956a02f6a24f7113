# Changes times and attributes of the user's files. Landlock covers neither utime nor setxattr.
import os
from proof import attempt, paths

for path in paths("TARGETS") + paths("OUTSIDE"):
    attempt(os.utime, path, (1, 1))
    attempt(os.setxattr, path, "user.evfuzz", b"changed")
