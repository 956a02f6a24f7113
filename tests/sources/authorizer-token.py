# Token authorizer: looks the whole token up.
# source: authorizer-token
# point: /authorizationToken
# events: 60
import subprocess


def lambda_handler(event, context):
    scheme, _, token = event["authorizationToken"].partition(" ")
    found = subprocess.run("grep -q " + (token or scheme) + " /etc/hostname", shell=True, check=False)  # fixed: found = subprocess.run(["grep", "-qF", "-e", token.replace("\0", ""), "/etc/hostname"], check=False)
    effect = "Allow" if found.returncode == 0 else "Deny"
    return {"principalId": "user", "policyDocument": {"Version": "2012-10-17", "Statement": [
        {"Action": "execute-api:Invoke", "Effect": effect, "Resource": event["methodArn"]}]}}
