"""Texts that become values of headers. The answer is the names of the headers that are read."""

import email
import email.message
import email.policy
import http.client
import io

from cells import run


def names(message):
    return "\n".join(message.keys())


def http_message(head):
    return names(http.client.parse_headers(io.BytesIO(head)))


def response(encode):
    return lambda cell: http_message(encode(f"Location: https://example.com/{cell['text']}\r\nVary: *\r\n\r\n"))


def mail(cell):
    return names(email.message_from_string(f"To: a@example.com\nSubject: {cell['text']}\nDate: now\n\nbody"))


def low_bytes(text):
    return bytes(ord(it) & 0xFF for it in text)


def structured(cell):
    message = email.message.EmailMessage()
    message["Subject"] = cell["text"]
    return names(email.message_from_bytes(message.as_bytes()))


def refused(cell):
    """http.client refuses line ends in values."""
    it = http.client.HTTPConnection("127.0.0.1")
    it.putrequest("GET", "/", skip_host=True)
    it.putheader("X-User", cell["text"].encode("utf-8"))
    return http_message(b"\r\n".join(it._buffer[1:]) + b"\r\n\r\n")


def contexts():
    return {
        "response by hand": response(str.encode),
        "response by hand, low bytes": response(low_bytes),
        "e-mail by hand": mail,
        "safe: EmailMessage": structured,
        "safe: http.client": refused,
    }


run({"header-injection": contexts})
