# What is done is deleted.
# oracle: path-traversal
# point: /body»json»/upload
# events: 400
import json
import os

FOLDER = '/tmp/uploads'


def handler(event, context):
    try:
        upload = json.loads(event.get('body') or '{}').get('upload', 'none')
        path = os.path.realpath(os.path.join(FOLDER, upload))
    except (ValueError, AttributeError, TypeError):
        return {'statusCode': 400}
    if not path.startswith('/'):  # fixed: if not path.startswith(FOLDER + '/'):
        return {'statusCode': 403}
    try:
        os.remove(path)
    except OSError:
        return {'statusCode': 404}
    return {'statusCode': 204}
