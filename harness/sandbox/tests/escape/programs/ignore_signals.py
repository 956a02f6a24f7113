# Ignores and blocks every signal that can be ignored or blocked.
import signal
import threading
from proof import hold

for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGALRM}:
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals() - {signal.SIGALRM})
threading.Thread(target=signal.pause, daemon=True).start()
import os
if os.fork() == 0:
    signal.alarm(20)
    hold()
os._exit(0)
