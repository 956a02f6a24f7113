"""How the hostile Python programs prove an escape, and their end after 20 seconds."""
import os
import re
import signal
import sys

signal.alarm(20)
sys.stdout.reconfigure(line_buffering=True)
TOKEN = re.compile(rb"evfuzz-" rb"secret-[a-z0-9-]+")


def tokens(data):
    """Prints all secrets found in `data`."""
    if isinstance(data, str):
        data = data.encode(errors="replace")
    for token in TOKEN.findall(data):
        print("ESCAPED", token.decode())


def paths(name):
    """The parts of a list of paths."""
    return [it for it in os.environ.get(name, "").split(":") if it]


def number(name):
    """A number of the environment, 0 if it is not there."""
    return int(os.environ.get(name) or "0", 0)


def attempt(action, *args):
    """Calls, and forgives a refusal."""
    try:
        return action(*args)
    except (OSError, ValueError, OverflowError, AttributeError):
        return None


def read(path):
    """Reads a file and prints the secrets in it."""
    def inner():
        with open(path, "rb") as file:
            tokens(file.read(1 << 20))
    attempt(inner)


def targets():
    """The processes worth reaching: bystander, harness, other worker, own parent."""
    pids = [number(it) for it in ("VICTIM_PID", "HARNESS_PID", "SIBLING_PID")] + [os.getppid()]
    return sorted({it for it in pids if it > 0})


def everybody():
    """All processes that can be seen or are known."""
    seen = [int(it) for it in attempt(os.listdir, "/proc") or [] if it.isdigit()]
    return sorted(set(seen + targets()) - {os.getpid()})


def unsupported(reason):
    """The kernel lacks what is tried. Only a control may end like this."""
    print("UNSUPPORTED", reason)
    sys.exit(3)


def hold():
    """The evil state is reached: the outside may look at it now."""
    print("HOLDING")
    while True:
        signal.pause()
