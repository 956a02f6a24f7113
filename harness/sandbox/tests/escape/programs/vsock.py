# Connects around IP, to this machine's own address between virtual machines (vsock(7), VMADDR_CID_LOCAL).
import os
import socket
from proof import number, unsupported

try:
    sock = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
    if os.environ.get("CAGED"):
        print("ESCAPED a socket of the family", sock.family)
    sock.settimeout(0.5)
    sock.connect((1, number("VSOCK")))
except OSError as error:
    if not os.environ.get("CAGED"):
        unsupported(f"no loopback for vsock: {error}")
