# Opens a port to which anybody on the host, or in the network, could connect.
import os
import socket
import threading
from proof import attempt, hold


def serve(sock):
    while True:
        sock.accept()[0].sendall(os.environ["MARK"].encode())


for host in ("127.0.0.1", "0.0.0.0", "::1"):
    def listen():
        sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        sock.bind((host, 0))
        sock.listen()
        threading.Thread(target=serve, args=(sock,), daemon=True).start()
        print("PORT", sock.getsockname()[1], flush=True)
    attempt(listen)


def listen_without_bind():
    # listen(2) on a fresh socket takes a port of its own.
    sock = socket.socket()
    sock.listen()
    threading.Thread(target=serve, args=(sock,), daemon=True).start()
    print("PORT", sock.getsockname()[1], flush=True)


attempt(listen_without_bind)
hold()
