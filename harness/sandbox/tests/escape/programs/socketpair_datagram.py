# A pair of datagram sockets can send to any other address (unix(7)).
import os
import socket
from proof import attempt, paths

for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
    pair = attempt(socket.socketpair, socket.AF_UNIX, kind)
    for end in pair or []:
        for target in paths("UNIX_DATAGRAM") + [b"\0" + os.environ["ABSTRACT"].encode() + b"-datagram"]:
            attempt(end.sendto, b"reached", target)
            attempt(end.connect, target)
            attempt(end.send, b"reached")
