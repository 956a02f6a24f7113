# Becomes a daemon by the book: fork, session, fork, no terminal, no directory.
import os
from proof import hold, signal

if os.fork():
    os._exit(0)
os.setsid()
if os.fork():
    os._exit(0)
signal.alarm(20)
os.chdir("/")
null = os.open("/dev/null", os.O_RDWR)
os.dup2(null, 0)
hold()
