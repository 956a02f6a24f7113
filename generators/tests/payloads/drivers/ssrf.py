"""Texts that become addresses. Nothing but loopback is ever asked: see the proxy settings.

Fired: the canary port heard the nonce, or what the canary file holds came back.
"""

import http.client
import ipaddress
import shutil
import socket
import subprocess
import urllib.parse
import urllib.request

from cells import run

METADATA = "169.254.169.254"
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def outside(url):
    """Whether the host is a name that would be looked for outside this machine."""
    host = urllib.parse.urlsplit(url).hostname or ""
    local = host.startswith("0x") or ":" in host or host.endswith(".localhost")
    return host == METADATA or any(it.isalpha() for it in host) and not local


def opened(url_of):
    def context(cell):
        url = url_of(cell["text"])
        return "not asked" if outside(url) else OPENER.open(url, timeout=3).read().decode()

    return context


def curl(url_of):
    def context(cell):
        url = url_of(cell["text"])
        if outside(url):
            return "not asked"
        # curl knows by itself that names below `localhost` are this machine.
        line = ["curl", "-s", "-m", "3", "--noproxy", "*", "--globoff", url]
        return subprocess.run(line, capture_output=True, text=True).stdout

    return context


def connection(cell):
    parts = urllib.parse.urlsplit(cell["text"])
    if parts.hostname != "127.0.0.1":
        return "not asked"
    it = http.client.HTTPConnection(parts.hostname, parts.port, timeout=3)
    it.request("GET", parts.path)
    return it.getresponse().status


class Played(http.client.HTTPConnection):
    """Loopback plays the metadata service."""

    def connect(self):
        self.sock = socket.create_connection(("127.0.0.1", self.port), timeout=3)


def refusing_loopback(cell):
    parts = urllib.parse.urlsplit(cell["text"])
    address = ipaddress.ip_address(parts.hostname)
    # What most lists of forbidden networks hold (RFC 1918).
    if address.is_loopback or any(address in ipaddress.ip_network(it) for it in PRIVATE):
        return "refused"
    if parts.hostname != METADATA:
        return "not asked"
    it = Played(parts.hostname, parts.port, timeout=3)
    it.request("GET", parts.path)
    return it.getresponse().status


def contexts():
    with_curl = {
        "curl @": curl(lambda text: text),
        "curl 'http://api.internal' + @": curl(lambda text: "http://api.internal" + text),
    }
    return {
        **(with_curl if shutil.which("curl") else {}),
        "urlopen(@)": opened(lambda text: text),
        "'http://' + @ + '/v1'": opened(lambda text: f"http://{text}/v1"),
        "'http://' + @ + '.example'": opened(lambda text: f"http://{text}.example/v1"),
        "urljoin(base, @)": opened(lambda text: urllib.parse.urljoin("http://api.internal/v1/", text)),
        "http.client": connection,
        "http.client, but not loopback": refusing_loopback,
        "safe: in the query": opened(lambda text: "http://127.0.0.1:9/?" + urllib.parse.quote(text, "")),
    }


run({"ssrf": contexts})
