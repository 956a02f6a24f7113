# HTTP on one socket: requests are written as bytes, answers arrive in the order of the requests.
import os
import sys

# Not `socket`: that module is the function's to replace (gevent does), and this client was there
# first. The official one speaks through a C library.
import _socket

API = "/2018-06-01/runtime"


class Connection(object):
    def __init__(self, address):
        self.address = address
        self.socket = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        # The function may have set a default, but not yet.
        self.socket.settimeout(None)
        self.buffer = b""
        self.reads = 0
        # The last short answer to a post, byte for byte, and what it says.
        self.usual = b""
        self.usual_means = None
        # Headers as they are written, and in lower case.
        self.names = {}
        self.next_request = self.get("invocation/next")

    def connect(self):
        try:
            host, _, port = self.address.rpartition(":")
            self.socket.connect((host, int(port)))
        except (OSError, ValueError) as failure:
            sys.stderr.write("evfuzz client: cannot reach '%s': %s\n" % (self.address, failure))
            sys.exit(1)
        self.socket.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)

    def get(self, path):
        text = "GET %s/%s HTTP/1.1\r\nHost: %s\r\n\r\n" % (API, path, self.address)
        return text.encode("utf-8")

    def post(self, path, headers, body, charset="utf-8"):
        head = "POST %s/%s HTTP/1.1\r\nHost: %s\r\n%sContent-Length: %d\r\n\r\n" % (
            API,
            path,
            self.address,
            headers,
            len(body),
        )
        return head.encode(charset) + body

    def send(self, request):
        try:
            self.socket.sendall(request)
        except OSError:
            leave()

    def receive(self):
        """One answer: status, headers with lower-case names, body."""
        buffer = self.buffer
        end = buffer.find(b"\r\n\r\n")
        while end < 0:
            part = self._read()
            # The blank line may have been cut in two.
            start = max(len(buffer) - 3, 0)
            buffer += part
            end = buffer.find(b"\r\n\r\n", start)
        # The official client takes headers as UTF-8, and ends if they are not.
        lines = buffer[:end].decode("utf-8").split("\r\n")
        status = int(lines[0][9:12])
        headers = {}
        names = self.names
        del lines[0]
        for line in lines:
            name, _, value = line.partition(":")
            known = names.get(name)
            if known is None:
                known = names[name] = name.lower()
            headers[known] = value.strip(" \t\v\f")
        if "transfer-encoding" in headers and "chunked" in headers["transfer-encoding"].lower():
            self.buffer = buffer[end + 4 :]
            body = self._chunks()
        else:
            stop = end + 4 + int(headers.get("content-length", 0))
            missing = stop - len(buffer)
            if missing > 0:
                parts = [buffer]
                while missing > 0:
                    part = self._read()
                    parts.append(part)
                    missing -= len(part)
                buffer = b"".join(parts)
            body = buffer[end + 4 : stop]
            self.buffer = buffer[stop:]
        if status == 100:
            return self.receive()
        return status, headers, body

    def acknowledged(self):
        """The answer to a post: status, body. They are nearly always the same bytes."""
        if not self.buffer:
            self.buffer = self._read()
        buffer = self.buffer
        usual = self.usual
        if usual and buffer.startswith(usual):
            self.buffer = buffer[len(usual) :]
            return self.usual_means
        reads = self.reads
        status, _, body = self.receive()
        if self.reads == reads and len(body) < 1024:
            self.usual = buffer[: len(buffer) - len(self.buffer)]
            self.usual_means = (status, body)
        return status, body

    def _read(self):
        self.reads += 1
        try:
            part = self.socket.recv(65536)
        except OSError:
            part = b""
        if not part:
            leave()
        return part

    def _take(self, length):
        while len(self.buffer) < length:
            self.buffer += self._read()
        taken, self.buffer = self.buffer[:length], self.buffer[length:]
        return taken

    def _line(self):
        while b"\r\n" not in self.buffer:
            self.buffer += self._read()
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line

    def _chunks(self):
        parts = []
        while True:
            size = int(self._line().partition(b";")[0], 16)
            if size == 0:
                while self._line():
                    pass
                return b"".join(parts)
            parts.append(self._take(size + 2)[:-2])


def leave():
    """The harness is gone: nobody is left to talk to. Lambda kills without notice, too."""
    os._exit(0)
