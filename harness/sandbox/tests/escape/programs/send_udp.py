# Sends datagrams to a port of this machine.
import socket
from proof import attempt, number


def send(family, kind, protocol, host):
    sock = socket.socket(family, kind, protocol)
    attempt(sock.sendto, b"reached", (host, number("UDP")))
    sock.connect((host, number("UDP")))
    sock.send(b"reached")


for family, host in [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::ffff:127.0.0.1")]:
    for protocol in (0, socket.IPPROTO_UDP):
        attempt(send, family, socket.SOCK_DGRAM, protocol, host)
