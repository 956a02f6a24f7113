# The key comes from a variable that nobody has set.
# oracle: token-forgery
# point: /authorizationToken
# events: 400
import base64
import hashlib
import hmac
import json
import os


def decoded(text):
    return base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))


def verified(token):
    head, claims, signature = token.split('.')
    key = os.environ.get('TOKEN_KEY', '').encode()  # fixed: key = os.environ.get('TOKEN_KEY', 'k-81ef0c').encode()
    wanted = hmac.new(key, f'{head}.{claims}'.encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(wanted, decoded(signature)):
        raise ValueError('bad signature')
    return json.loads(decoded(claims))


def handler(event, context):
    try:
        scheme, _, token = event['authorizationToken'].partition(' ')
        user, effect = verified(token)['sub'], 'Allow'
    except (ValueError, KeyError, TypeError, AttributeError):
        user, effect = 'nobody', 'Deny'
    statement = {'Action': 'execute-api:Invoke', 'Effect': effect, 'Resource': event['methodArn']}
    return {'principalId': str(user), 'policyDocument': {'Version': '2012-10-17', 'Statement': [statement]}}
