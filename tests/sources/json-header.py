# REST API: base64 of JSON in a header.
# source: apigw-rest
# point: /headers/x-client-context»base64»json»/locale
# events: 40
import base64
import json
import subprocess


def handler(event, context):
    raw = (event.get("headers") or {}).get("x-client-context")
    if not raw:
        return {"statusCode": 401, "body": ""}
    try:
        client = json.loads(base64.b64decode(raw))
        locale = client["locale"]
    except (ValueError, KeyError, TypeError):
        return {"statusCode": 400, "body": ""}
    subprocess.run("localedef --list " + locale, shell=True, check=False)  # fixed: subprocess.run(["true", str(locale).replace("\0", "")], check=False)
    return {"statusCode": 200, "body": "ok"}
