"""Judges events by the parser models of Powertools for AWS Lambda (Python).

One JSON object a line: {"model": name, "event": event}. Answers with one JSON array a line: the reasons for
refusing the event; none if it is accepted.
"""

import json
import sys

from pydantic import ValidationError

from aws_lambda_powertools.utilities.parser import models


def place(location):
    return ".".join("*" if isinstance(step, int) else str(step) for step in location)


def reasons(model, event):
    try:
        getattr(models, model).model_validate(event)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return sorted({f"{place(it['loc'])}: {it['msg']}" for it in found})
    except Exception as error:
        return [f"raised {type(error).__name__}: {error}"]
    return []


for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps(reasons(asked["model"], asked["event"])), flush=True)
