# Opens an UDP port to which anybody on the host could send.
import os
import socket
from proof import attempt, hold


def serve():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    print("UDP-PORT", sock.getsockname()[1], flush=True)
    print("HOLDING", flush=True)
    while True:
        sock.sendto(os.environ["MARK"].encode(), sock.recvfrom(100)[1])


attempt(serve)
