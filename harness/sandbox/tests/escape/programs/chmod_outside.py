# Makes the user's files readable for everybody. Landlock does not cover chmod (landlock(7), "Current limitations").
import os
from proof import attempt, paths

for path in paths("SECRETS") + paths("TARGETS") + paths("OUTSIDE"):
    attempt(os.chmod, path, 0o777)
    fd = attempt(os.open, path, os.O_PATH)
    if fd is not None:
        attempt(os.chmod, f"/proc/self/fd/{fd}", 0o777)
