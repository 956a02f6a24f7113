# Authorizer of an HTTP API with simple answers.
# source: authorizer-http
# point: /headers/authorization
# events: 40
import subprocess


def handler(event, context):
    sources = event.get("identitySource") or []
    secret = sources[0] if sources else ""
    if not event["routeArn"]:
        return {"isAuthorized": False}
    code = subprocess.call(f'check-secret "{secret}"', shell=True)  # fixed: code = subprocess.call(["true", secret.replace("\0", "")])
    return {"isAuthorized": code == 0, "context": {"who": "caller"}}
