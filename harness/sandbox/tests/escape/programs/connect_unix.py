# Connects to a host's socket by its path, relative paths and links, as one would to the one of Docker.
import os
import socket
from proof import attempt, number, paths


def connect(path, kind=socket.SOCK_STREAM):
    sock = socket.socket(socket.AF_UNIX, kind)
    sock.connect(path)
    sock.send(b"GET /containers/json HTTP/1.0\r\n\r\n")


for path in paths("UNIX"):
    attempt(connect, path)
    attempt(connect, "/proc/self/root" + path)
    attempt(os.symlink, path, "sock")
    attempt(connect, "sock")
    attempt(os.chdir, os.path.dirname(path))
    attempt(connect, os.path.basename(path))
    attempt(connect, f"/proc/{number('VICTIM_PID')}/root" + path)
for path in paths("UNIX_DATAGRAM"):
    attempt(connect, path, socket.SOCK_DGRAM)
