# SQS: objects of a bucket.
# source: sqs
# point: /Records/0/body»json»/Records/0/s3/object/key»s3-key»
# events: 600
import json
import subprocess
from urllib.parse import unquote_plus


def handler(event, context):
    for record in event['Records']:
        body = json.loads(record['body'])
        if body.get('Event') == 's3:TestEvent':
            continue
        for r in body['Records']:
            key = unquote_plus(r['s3']['object']['key'])
            if not key.endswith('.csv'):
                continue
            subprocess.run('echo /tmp/' + key, shell=True)  # fixed: subprocess.run(['echo', '/tmp/' + key])
