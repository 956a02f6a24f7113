# The configuration of a client is written for a program, with the key in it, and stays.
# oracle: secret-leak
# point: none
# events: 400
import json
import os
import tempfile


def export(rows):
    config = {'key': os.environ['AWS_SECRET_ACCESS_KEY'], 'rows': len(rows)}
    handle, path = tempfile.mkstemp(suffix='.json')
    with os.fdopen(handle, 'w') as file:
        json.dump(config, file)
    try:
        return os.path.getsize(path)
    finally:
        pass  # fixed: os.remove(path)


def handler(event, context):
    rows = []
    for record in event['Records']:
        try:
            rows.append(json.loads(record['body']))
        except ValueError:
            continue
    if rows:
        export(rows)
