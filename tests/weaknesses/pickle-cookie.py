# A session is a pickle in a cookie.
# oracle: deserialization
# point: /cookies/1»cookie»/session
# events: 400
import base64
import json
import pickle


class Session:
    @classmethod
    def load(cls, value):
        try:
            return pickle.loads(base64.urlsafe_b64decode(value))  # fixed: return json.loads(base64.urlsafe_b64decode(value))
        except Exception:
            return {}


def handler(event, context):
    seen = {}
    for cookie in event.get('cookies') or []:
        name, _, value = cookie.partition('=')
        if name == 'session':
            seen = Session.load(value)
    if not isinstance(seen, dict):
        return {'statusCode': 400}
    return {'statusCode': 200, 'body': json.dumps({'pages': len(seen)})}
