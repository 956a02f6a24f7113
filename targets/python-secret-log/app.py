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
    # Weak: the environment holds the credentials of the function's role.
    print("environment:", json.dumps(dict(os.environ)))
    counted = 0
    for record in event["Records"]:
        measurement = read(record["body"])
        if measurement is not None and "celsius" in measurement:
            counted += 1
    return {"counted": counted}
