# Orders by a list of numbers in a message.
# oracle: sql-injection
# point: /Records/0/body»json»/ids/0
# events: 500
import json
import sqlite3

db = sqlite3.connect(':memory:')
db.execute('CREATE TABLE orders (id INTEGER)')


def handler(event, context):
    failures = []
    for record in event['Records']:
        try:
            ids = [str(it) for it in json.loads(record['body'])['ids']][:50]
            marks = ','.join(ids)  # fixed: marks = ','.join('?' * len(ids))
            db.execute(f'DELETE FROM orders WHERE id IN ({marks})')  # fixed: db.execute(f'DELETE FROM orders WHERE id IN ({marks})', ids)
        except Exception:
            failures.append({'itemIdentifier': record['messageId']})
    return {'batchItemFailures': failures}
