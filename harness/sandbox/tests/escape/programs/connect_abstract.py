# Connects to a host's socket in the abstract namespace, which no file permission guards.
import os
import socket
from proof import attempt

name = b"\0" + os.environ["ABSTRACT"].encode()
attempt(lambda: socket.socket(socket.AF_UNIX).connect(name))
attempt(lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"reached", name + b"-datagram"))
