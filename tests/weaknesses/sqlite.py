# A search by name; the name is quoted, but not escaped.
# oracle: sql-injection
# point: /queryStringParameters/customer
# events: 300
import json
import sqlite3

db = sqlite3.connect(':memory:')
db.execute('CREATE TABLE orders (id INTEGER, customer TEXT, total REAL)')
db.executemany('INSERT INTO orders VALUES (?, ?, ?)', [(1, 'ann', 9.5), (2, 'bob', 20.0)])


def handler(event, context):
    customer = (event.get('queryStringParameters') or {}).get('customer', 'ann')
    try:
        rows = db.execute(f"SELECT id, total FROM orders WHERE customer = '{customer}'").fetchall()  # fixed: rows = db.execute('SELECT id, total FROM orders WHERE customer = ?', (customer,)).fetchall()
    except sqlite3.Error:
        return {'statusCode': 400}
    return {'statusCode': 200, 'body': json.dumps(rows)}
