"""A calculator behind API Gateway."""

import base64
import json

from calculator import BadExpression, calculate


def answer(status, content):
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(content),
    }


def body_of(event):
    """The decoded JSON object of a request's body, None if there is none."""
    body = event.get("body") if isinstance(event, dict) else None
    if not isinstance(body, str):
        return None
    try:
        if event.get("isBase64Encoded"):
            body = base64.b64decode(body, validate=True).decode("utf-8")
        decoded = json.loads(body)
    # Bad base64, UTF-8 and JSON are ValueErrors; a document that is too deep is not.
    except (ValueError, RecursionError):
        return None
    return decoded if isinstance(decoded, dict) else None


def lambda_handler(event, context):
    body = body_of(event)
    if body is None:
        return answer(400, {"message": "the body must be a JSON object"})
    calc = body.get("calc")
    try:
        return answer(200, {"result": calculate(calc)})
    except BadExpression as error:
        return answer(400, {"message": str(error)})
