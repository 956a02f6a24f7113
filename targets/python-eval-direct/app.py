"""A calculator that other functions invoke directly: the body is an object, not text."""


def lambda_handler(event, context):
    # Weak: text of the sender is evaluated as Python.
    result = eval(event["body"]["calc"])
    return {"result": str(result)}
