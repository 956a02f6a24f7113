# Stops other processes for good instead of killing them.
import os
import signal
from proof import attempt, number

for name in ("VICTIM_PID", "SIBLING_PID", "WARDEN_PID"):
    attempt(os.kill, number(name) or number("VICTIM_PID"), signal.SIGSTOP)
