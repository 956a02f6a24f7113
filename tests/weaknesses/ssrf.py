# A picture is fetched from where a message says.
# oracle: ssrf
# point: /Records/0/body»json»/picture
# events: 400
import http.client
import ipaddress
import json
import socket
from urllib.parse import urlsplit


def addresses(host, port):
    return [ipaddress.ip_address(it[4][0].split('%')[0]) for it in socket.getaddrinfo(host, port)]


def fetch(url):
    parts = urlsplit(url)
    if parts.scheme not in ('http', 'https') or not parts.hostname:
        raise ValueError('no URL')
    known = addresses(parts.hostname, parts.port or 80)
    if not known:  # fixed: if not known or not all(it.is_global and not getattr(it, 'ipv4_mapped', None) for it in known):
        raise ValueError('no such place')
    connection = http.client.HTTPConnection(str(known[0]), parts.port or 80, timeout=2)
    connection.request('GET', parts.path or '/', headers={'Host': parts.hostname})
    return connection.getresponse().read(1000)


def handler(event, context):
    failures = []
    for record in event['Records']:
        try:
            fetch(json.loads(record['body'])['picture'])
        except (ValueError, KeyError, TypeError, AttributeError, OSError, http.client.HTTPException):
            failures.append({'itemIdentifier': record['messageId']})
    return {'batchItemFailures': failures}
