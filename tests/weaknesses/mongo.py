# Orders of a customer; repaired, the value is compared as it is.
# packages: pymongo==4.15.3
# oracle: nosql-injection
# point: /Records/0/body»json»/customer
# events: 200
import json

import pymongo

orders = pymongo.MongoClient('mongodb://127.0.0.1:1', serverSelectionTimeoutMS=0, connect=False).shop.orders


def handler(event, context):
    failures = []
    for record in event['Records']:
        try:
            customer = json.loads(record['body'])['customer']
            orders.delete_many({'customer': customer, 'paid': False})  # fixed: orders.delete_many({'customer': {'$eq': customer}, 'paid': False})
        except Exception:
            failures.append({'itemIdentifier': record['messageId']})
    return {'batchItemFailures': failures}
