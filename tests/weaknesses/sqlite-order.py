# An order that the query names; repaired, any column may be named, as a quoted name.
# oracle: sql-injection
# point: /queryStringParameters/sort
# events: 300
import json
import sqlite3


def handler(event, context):
    query = event.get('queryStringParameters') or {}
    sort = query.get('sort', 'id').replace('\0', '')
    db = sqlite3.connect(':memory:')
    try:
        db.execute('CREATE TABLE orders (id INTEGER, customer TEXT)')
        name = sort  # fixed: name = '"' + sort.replace('"', '""') + '"'
        rows = db.execute('SELECT * FROM orders WHERE customer = ? ORDER BY ' + name, (query.get('customer'),)).fetchall()
    except (sqlite3.Error, ValueError):
        return {'statusCode': 400}
    finally:
        db.close()
    return {'statusCode': 200, 'body': json.dumps(rows)}
