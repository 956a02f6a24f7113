"""A calculator behind API Gateway."""

import json


def lambda_handler(event, context):
    body = json.loads(event["body"])
    # Weak: text of the sender is evaluated as Python.
    result = eval(body["calc"])
    return {"statusCode": 200, "body": json.dumps({"result": str(result)})}
