# Takes a name in the abstract namespace under which a program of the host may look for something else.
import os
import socket
from proof import attempt, hold


def listen():
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(b"\0" + os.environ["ABSTRACT_FREE"].encode())
    sock.listen()
    return sock


held = attempt(listen)
hold()
