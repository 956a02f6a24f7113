# Step Functions: a task that answers by its token.
# source: step-functions
# point: /input/invoice/template
# events: 100
import json
import subprocess

ANSWERS = {}


def handler(event, context):
    token = event["TaskToken"]
    order = event.get("input") or {}
    command = "wkhtmltopdf " + order.get("invoice", {}).get("template", "plain") + " -"
    result = subprocess.run(command, shell=True, check=False)  # fixed: result = subprocess.run(["true", command.replace("\0", "")], check=False)
    ANSWERS[token] = json.dumps({"code": result.returncode})
    return None
