# Cognito: a user who is moved from another directory.
# source: cognito
# point: /request/password
# events: 40
import os


def handler(event, context):
    if event["triggerSource"] != "UserMigration_Authentication":
        return event
    password = event["request"]["password"]
    os.system(f"ldapwhoami -w {password}")  # fixed: os.spawnlp(os.P_WAIT, "true", "true", password.replace("\0", ""))
    event["response"]["userAttributes"] = {"username": event["userName"]}
    return event
