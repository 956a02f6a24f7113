# A statement of PartiQL; repaired, the value is a parameter.
# packages: boto3==1.40.55
# oracle: dynamodb-expression
# point: /queryStringParameters/customer
# events: 150
import boto3
from botocore.config import Config

config = Config(retries={'total_max_attempts': 1}, region_name='us-east-1')
client = boto3.client('dynamodb', endpoint_url='http://127.0.0.1:1', config=config)


def handler(event, context):
    customer = (event.get('queryStringParameters') or {}).get('customer', 'ann')
    try:
        client.execute_statement(Statement=f"SELECT id FROM orders WHERE customer = '{customer}'")  # fixed: client.execute_statement(Statement='SELECT id FROM orders WHERE customer = ?', Parameters=[{'S': customer}])
    except Exception:
        return {'statusCode': 503}
    return {'statusCode': 200, 'body': ''}
