# Looks for other processes, and for the host's sockets, below every folder of /proc that could be its own.
import os
import threading
from proof import attempt, number, read

own = os.getpid()
folders = ["/proc/self", "/proc/thread-self", f"/proc/{own}", f"/proc/self/task/{own}", "/proc/self/root/proc/self"]
victim = number("VICTIM_PID")


def sockets(path):
    for line in open(path).readlines()[1:]:
        fields = line.split()
        if int(fields[1].split(":")[1], 16) == number("TCP4"):
            print("ESCAPED inode", fields[9])


def look():
    for folder in folders + [f"/proc/self/task/{threading.get_native_id()}"]:
        attempt(sockets, f"{folder}/net/tcp")
        for name in ("cmdline", "environ", "stat"):
            read(f"{folder}/../{victim}/{name}")
            read(f"{folder}/root/proc/{victim}/{name}")
            read(f"{folder}/cwd/../../../../../proc/{victim}/{name}")
    # A folder that was opened without the right to read it leads further.
    proc = attempt(os.open, "/proc", os.O_PATH)
    for name in ("cmdline", "environ"):
        fd = attempt(lambda: os.open(f"{victim}/{name}", os.O_RDONLY, dir_fd=proc))
        if fd is not None:
            read(f"/proc/self/fd/{fd}")


look()
thread = threading.Thread(target=look)
thread.start()
thread.join()
if os.fork() == 0:
    look()
    os._exit(0)
os.wait()
