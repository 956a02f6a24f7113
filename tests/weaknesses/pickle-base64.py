# The same in base64, as bytes travel in JSON.
# oracle: deserialization
# point: /Records/0/body»json»/task
# events: 600
import base64
import json
import pickle


def handler(event, context):
    failures = []
    for record in event['Records']:
        try:
            task = json.loads(record['body'])['task']
            pickle.loads(base64.b64decode(task))  # fixed: json.loads(base64.b64decode(task))
        except Exception:
            failures.append({'itemIdentifier': record['messageId']})
    return {'batchItemFailures': failures}
