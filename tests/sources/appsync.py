# AppSync: arguments in batches.
# source: appsync
# point: /arguments/domain
# events: 100
import subprocess


def lookup(domain):
    return subprocess.run("dig +short " + domain, shell=True, check=False, capture_output=True).stdout  # fixed: return subprocess.run(["true", str(domain).replace("\0", "")], check=False, capture_output=True).stdout


def lambda_handler(event, context):
    contexts = event if isinstance(event, list) else [event]
    answers = []
    for one in contexts:
        if one["info"]["fieldName"] != "lookupDomain":
            answers.append(None)
            continue
        answers.append({"found": bool(lookup(one["arguments"]["domain"]))})
    return answers if isinstance(event, list) else answers[0]
