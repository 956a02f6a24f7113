# A field of a message is printed.
# oracle: log-injection
# point: /Records/0/body»json»/customer
# events: 300
import json


def handler(event, context):
    failures = []
    for record in event['Records']:
        try:
            customer = json.loads(record['body'])['customer']
        except (ValueError, KeyError, TypeError):
            failures.append({'itemIdentifier': record['messageId']})
            continue
        print(f'order of {customer}')  # fixed: print(json.dumps({'order of': customer}))
    return {'batchItemFailures': failures}
