# SES: files mail by its subject.
# source: ses
# point: /Records/0/ses/mail/commonHeaders/subject
# events: 40
import os


def lambda_handler(event, context):
    mail = event["Records"][0]["ses"]["mail"]
    subject = mail["commonHeaders"].get("subject", "none")
    sender = mail["source"]
    if event["Records"][0]["ses"]["receipt"]["spamVerdict"]["status"] == "FAIL":
        return {"disposition": "STOP_RULE_SET"}
    os.system("logger -t mail '" + subject + "'")  # fixed: os.spawnlp(os.P_WAIT, "true", "true", subject.replace("\0", ""))
    print(len(sender))
    return {"disposition": "CONTINUE"}
