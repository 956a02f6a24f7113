# Listens to all frames of the loopback interface, below everything that filters.
import socket
from proof import attempt, tokens


def overhear():
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003))
    print("HOLDING")
    while True:
        tokens(sock.recv(1 << 16))


attempt(overhear)
