# What a hostile function tries with the Runtime API, from within its handler: the event says what.
import os
import socket
import struct
import threading
import time

HOST, PORT = os.environ["AWS_LAMBDA_RUNTIME_API"].rsplit(":", 1)
API = "/2018-06-01/runtime/invocation"
kept = []


def connect():
    return socket.create_connection((HOST, int(PORT)), timeout=5)


def post(request_id, verb, body, **more):
    head = "POST %s/%s/%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n" % (
        API, request_id, verb, more.get("length", len(body)))
    return (head + more.get("headers", "") + "\r\n").encode() + body


def status(connection):
    answer = b""
    while b"\r\n" not in answer:
        part = connection.recv(4096)
        if not part:
            return None
        answer += part
    return int(answer[9:12])


def malformed(_):
    seen = []
    for text in (b"hello\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\0" * 100 + b"\r\n\r\n",
                 b"POST /2018-06-01/runtime/init/error HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                 b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"):
        connection = connect()
        connection.sendall(text)
        try:
            seen.append(status(connection))
        except OSError:
            seen.append(None)
    return seen


def wrong_ids(_):
    connection = connect()
    seen = set()
    for number in range(200):
        connection.sendall(post("id-%d" % number, "response", b"{}"))
        seen.add(status(connection))
    return sorted(seen)


def answer_twice(context):
    connection = connect()
    connection.sendall(post(context.aws_request_id, "response", b'"first"'))
    assert status(connection) == 202
    return "second"


def half_closed(context):
    connection = connect()
    connection.sendall(post(context.aws_request_id, "response", b'"half"'))
    connection.shutdown(socket.SHUT_WR)
    time.sleep(0.05)
    return "whole"


def half_an_answer(context):
    connection = connect()
    connection.sendall(post(context.aws_request_id, "response", b'"ha', length=10))
    kept.append(connection)
    time.sleep(0.05)
    return "whole"


def byte_by_byte(context):
    connection = connect()
    for byte in post(context.aws_request_id, "response", b'"slow"'):
        connection.sendall(bytes([byte]))
    assert status(connection) == 202
    return "late"


def slow_heads(_):
    for _ in range(100):
        connection = connect()
        connection.sendall(b"GET /2018-06-01/ping HTTP/1.1\r\nX: ")
        kept.append(connection)
    return "open"


def many_connections(_):
    # As many as its descriptors allow.
    try:
        while len(kept) < 2000:
            connection = socket.socket()
            kept.append(connection)
            connection.setblocking(False)
            connection.connect_ex((HOST, int(PORT)))
    except OSError:
        pass
    count = len(kept)
    for connection in kept:
        connection.close()
    del kept[:]
    return count > 500


def gigabyte(request_id):
    connection = connect()
    connection.settimeout(30)
    connection.sendall(post(request_id, "response", b"", length=1 << 30))
    part = b"1" * (1 << 20)
    for _ in range(1 << 10):
        connection.sendall(part)
    return status(connection)


def large_answer(context):
    return gigabyte(context.aws_request_id)


def large_stray(_):
    return gigabyte("stray")


def daemon(_):
    if os.fork() == 0:
        os.setsid()
        time.sleep(60)
        os._exit(0)
    return "left behind"


def printed_flood(_):
    line = b"x" * 65535 + b"\n"
    for _ in range(800):
        os.write(1, line)
    return "printed"


def record_flood(_):
    frame = struct.pack(">IIq", 0xA55A0003 | 20, 60000, 1) + b"r" * 60000
    for _ in range(800):
        os.write(62, frame)
        os.write(62, b"no frame at all")
    return "recorded"


def next_twice(_):
    first, second = connect(), connect()
    seen = []
    for connection in (first, second):
        connection.sendall(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n")
        seen.append(status(connection))
    return seen


def steal_next(_):
    def steal():
        time.sleep(0.02)
        connection = connect()
        connection.sendall(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n")
        kept.append(connection)

    threading.Thread(target=steal, daemon=True).start()
    return "waiting"


def handler(event, context):
    if event == "fine":
        return "fine"
    return globals()[event](context)
