# Makes datagrams by hand: raw sockets with and without their own IP header, and ICMP sockets.
import socket
import struct
from proof import attempt, number

payload = b"reached"
udp = struct.pack(">HHHH", 4242, number("UDP"), 8 + len(payload), 0) + payload
attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP).sendto(udp, ("127.0.0.1", 0)))
attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW).sendto(
    struct.pack(">BBHHHBBH4s4s", 0x45, 0, 0, 7, 0, 64, 17, 0, bytes([127, 0, 0, 1]), bytes([127, 0, 0, 1])) + udp,
    ("127.0.0.1", 0)))
