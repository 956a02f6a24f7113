# Connects through IPv6, plainly and to addresses that mean IPv4.
import socket
from proof import attempt, number

for host, port in [("::1", "TCP6"), ("::", "TCP6"), ("::ffff:127.0.0.1", "TCP4"), ("::ffff:127.0.0.2", "TCP_OTHER")]:
    attempt(lambda h, p: socket.create_connection((h, p), 2), host, number(port))
