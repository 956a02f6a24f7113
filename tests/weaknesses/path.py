# An object's key becomes the name of a file. Keys do not climb, but they can begin with a slash.
# oracle: path-traversal
# point: /Records/0/s3/object/key
# events: 400
import os
from urllib.parse import unquote_plus


def handler(event, context):
    for record in event['Records']:
        key = unquote_plus(record['s3']['object']['key'])
        if '\0' in key:
            continue
        target = os.path.join('/tmp/in', key)  # fixed: target = os.path.join('/tmp/in', os.path.basename(key) or 'none')
        try:
            os.makedirs('/tmp/in', exist_ok=True)
            with open(target, 'wb') as file:
                file.write(b'content')
        except OSError:
            print('not kept')
