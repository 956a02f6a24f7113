# Results are remembered by a key that is new for every message.
# oracle: memory-growth
# point: none
# events: 3000
results = {}


def handler(event, context):
    for record in event['Records']:
        results[record['messageId'], len(results)] = record['body'].encode().ljust(2_000_000)  # fixed: results.clear(); results[record['messageId']] = record['body'].encode().ljust(2_000_000)
