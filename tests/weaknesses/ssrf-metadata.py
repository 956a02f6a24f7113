# Networks that are closed to callers, but one is missing.
# oracle: ssrf
# point: /queryStringParameters/url
# events: 400
import ipaddress
import urllib.request
from urllib.parse import urlsplit

CLOSED = ['0.0.0.0/8', '10.0.0.0/8', '127.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']
CLOSED.append('100.64.0.0/10')  # fixed: CLOSED.append('169.254.0.0/16')


def handler(event, context):
    url = (event.get('queryStringParameters') or {}).get('url', '')
    try:
        address = ipaddress.IPv4Address(urlsplit(url).hostname or '')
        closed = any(address in ipaddress.ip_network(it) for it in CLOSED)
        if closed or urlsplit(url).scheme != 'http':
            return {'statusCode': 403}
        with urllib.request.urlopen(url, timeout=2) as answer:
            return {'statusCode': 200, 'body': str(answer.status)}
    except (ValueError, OSError):
        return {'statusCode': 400}
