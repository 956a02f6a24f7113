# State that comes back from the client, as text.
# oracle: deserialization
# point: /body»json»/state
# events: 400
import json
import pickle


def handler(event, context):
    try:
        state = json.loads(event.get('body') or '{}')['state']
        state = pickle.loads(state.encode())  # fixed: state = json.loads(state)
    except Exception:
        return {'statusCode': 400}
    return {'statusCode': 200, 'body': str(len(str(state)))}
