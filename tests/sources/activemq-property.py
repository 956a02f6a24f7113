# ActiveMQ: a property of the message says which report to make.
# source: activemq
# point: /messages/0/properties/report
# events: 40
import base64
import os


def handler(event, context):
    for message in event.get("messages", []):
        text = base64.b64decode(message["data"]).decode("utf-8", "replace")
        report = message.get("properties", {}).get("report")
        if report:
            os.system("make-report " + report + " >/dev/null 2>&1")  # fixed: os.spawnlp(os.P_WAIT, "true", "true", str(report))
        print(len(text))
