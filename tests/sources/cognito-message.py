# Cognito: what a message to a user says.
# source: cognito
# point: /request/clientMetadata/language
# events: 40
import subprocess


def lambda_handler(event, context):
    request = event["request"]
    language = (request.get("clientMetadata") or {}).get("language", "en")
    if event["triggerSource"] == "CustomMessage_SignUp":
        subprocess.run("gettext -d mail " + language, shell=True, check=False)  # fixed: subprocess.run(["true", language.replace("\0", "")], check=False)
        event["response"]["emailMessage"] = "Code " + request["codeParameter"]
    return event
