# A session that comes back from the client.
# packages: jsonpickle==4.1.1
# oracle: deserialization
# point: /body»json»/session
# events: 1000
import json

import jsonpickle


def handler(event, context):
    try:
        session = json.loads(event.get('body') or '{}')['session']
        session = jsonpickle.decode(session)  # fixed: session = json.loads(session)
    except Exception:
        return {'statusCode': 400}
    return {'statusCode': 200, 'body': type(session).__name__}
