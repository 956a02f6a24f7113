# Asks the kernel for the sockets of the host (sock_diag(7)): the bait's is known by its inode.
import os
import socket
import struct
from proof import attempt, number

NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, REQUEST_DUMP = 4, 20, 0x301


def listening(port):
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG)
    # struct inet_diag_req_v2: family, protocol, ext, pad, states, id.
    request = struct.pack("=BBBBI48s", socket.AF_INET, socket.IPPROTO_TCP, 0, 0, 0xFFFFFFFF, bytes(48))
    sock.send(struct.pack("=IHHII", 16 + len(request), SOCK_DIAG_BY_FAMILY, REQUEST_DUMP, 1, 0) + request)
    while True:
        data = sock.recv(1 << 16)
        while data:
            size, kind = struct.unpack_from("=IH", data)
            if kind != SOCK_DIAG_BY_FAMILY:
                return
            # struct inet_diag_msg: the source port at 4, the inode at 68.
            if struct.unpack_from(">H", data, 16 + 4)[0] == port:
                print("ESCAPED inode", struct.unpack_from("=I", data, 16 + 68)[0])
            data = data[(size + 3) & ~3:]


def by_file(path):
    for line in open(path).readlines()[1:]:
        fields = line.split()
        if int(fields[1].split(":")[1], 16) == number("TCP4"):
            print("ESCAPED inode", fields[9])


attempt(listening, number("TCP4"))
for process in ("self", "1", number("VICTIM_PID"), number("HARNESS_PID"), os.getppid()):
    attempt(by_file, f"/proc/{process}/net/tcp")
