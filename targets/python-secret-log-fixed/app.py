"""Counts the measurements that devices send through a queue."""

import json
import os


def read(body):
    try:
        measurement = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return measurement if isinstance(measurement, dict) else None


def handler(event, context):
    chosen = {name: os.environ.get(name) for name in ("AWS_REGION", "AWS_LAMBDA_FUNCTION_NAME")}
    print("environment:", json.dumps(chosen))
    counted = 0
    for record in event["Records"]:
        measurement = read(record["body"])
        if measurement is not None and "celsius" in measurement:
            counted += 1
    return {"counted": counted}
