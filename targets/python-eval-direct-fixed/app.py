"""A calculator that other functions invoke directly: the body is an object, not text."""

from calculator import BadExpression, calculate


def lambda_handler(event, context):
    body = event.get("body") if isinstance(event, dict) else None
    if not isinstance(body, dict):
        return {"error": "the event must hold a body with calc"}
    calc = body.get("calc")
    try:
        return {"result": calculate(calc)}
    except BadExpression as error:
        return {"error": str(error)}
