# Connects to another loopback address, from other source addresses, and to a port given in unusual words.
import socket
from proof import attempt, number

port = number("TCP_OTHER")
for host, source in [("127.0.0.2", None), ("127.0.0.2", ("127.0.0.9", 0)), ("127.2", None), ("2130706434", None)]:
    attempt(lambda h, s: socket.create_connection((h, port), 2, s), host, source)


def by_interface():
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo\0")
    sock.connect(("127.0.0.2", port))


attempt(by_interface)
