# Connects by relatives of TCP, to which rules for TCP may not apply: MPTCP is 262.
import socket
from proof import attempt, number


def connect(*kind):
    sock = socket.socket(*kind)
    sock.settimeout(2)
    sock.connect(("127.0.0.1", number("TCP4")))


attempt(connect, socket.AF_INET, socket.SOCK_STREAM, 262)
