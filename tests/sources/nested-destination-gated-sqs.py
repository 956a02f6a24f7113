# SQS: events that another function gave up on.
# source: sqs
# point: /Records/0/body»json»/requestPayload/orderId
# events: 600
import json
import subprocess


def handler(event, context):
    for record in event['Records']:
        body = json.loads(record['body'])
        if body['requestContext']['condition'] != 'RetriesExhausted':
            continue
        order = str(body['requestPayload']['orderId'])
        subprocess.run(f'echo {order}', shell=True)  # fixed: subprocess.run(['echo', '--', order.replace('\0', '')])
