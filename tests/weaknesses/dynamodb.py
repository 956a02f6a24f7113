# An update of the members that a message names; repaired, they are placeholders.
# packages: boto3==1.40.55
# oracle: dynamodb-expression
# point: /Records/0/body»json»/field
# events: 150
import json

import boto3
from botocore.config import Config

config = Config(retries={'total_max_attempts': 1}, region_name='us-east-1')
orders = boto3.resource('dynamodb', endpoint_url='http://127.0.0.1:1', config=config).Table('orders')


def handler(event, context):
    failures = []
    for record in event['Records']:
        try:
            change = json.loads(record['body'])
            field = change['field']  # fixed: field = '#f'
            orders.update_item(
                Key={'id': str(change.get('id', '0'))},
                UpdateExpression=f'SET {field} = :v',
                ExpressionAttributeNames={'#f': str(change['field'])},
                ExpressionAttributeValues={':v': str(change.get('value', ''))},
            )
        except Exception:
            failures.append({'itemIdentifier': record['messageId']})
    return {'batchItemFailures': failures}
