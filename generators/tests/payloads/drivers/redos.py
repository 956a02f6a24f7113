"""Texts for regular expressions, each in a process of its own with little time.

Fired: the time of the processor (not of the clock) is used up, and a signal ends the process.
"""

import re
import signal
import subprocess
import sys

from cells import run

SECONDS = 0.3

PATTERNS = {
    r"^(a+)+$": re.match,
    r"^([a-zA-Z0-9]+\s?)*$": re.match,
    r"^(\w+)*@": re.match,
    r"^(\d+,?)*$": re.match,
    r"^((.*?,)*)*;$": re.match,
    r"\s+$": re.search,
}
SAFE = {r"^[a-zA-Z0-9]+$": re.match, r"^(?:\d+,)*\d*$": re.match}

CHILD = """
import re, signal, sys
signal.setitimer(signal.ITIMER_VIRTUAL, float(sys.argv[3]))
getattr(re, sys.argv[1])(sys.argv[2], sys.stdin.read())
"""


def matched(pattern, method):
    def context(cell):
        line = [sys.executable, "-S", "-c", CHILD, method.__name__, pattern, str(SECONDS)]
        done = subprocess.run(line, input=cell["text"], text=True, capture_output=True)
        return "fired" if done.returncode == -signal.SIGVTALRM else f"ended: {done.returncode} {done.stderr}"

    return context


def contexts():
    made = {pattern: matched(pattern, method) for pattern, method in PATTERNS.items()}
    made.update({"safe: " + pattern: matched(pattern, method) for pattern, method in SAFE.items()})
    return made


run({"redos": contexts}, seconds=60)
