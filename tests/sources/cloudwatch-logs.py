# CloudWatch Logs: access logs in columns.
# source: cloudwatch-logs
# point: /awslogs/data»base64»gzip»json»/logEvents/0/message»json»/logEvents
# events: 40
import base64
import gzip
import json
import subprocess


def lambda_handler(event, context):
    data = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
    if data["messageType"] == "CONTROL_MESSAGE":
        return
    for log_event in data["logEvents"]:
        columns = log_event["message"].split()
        if columns:
            subprocess.run("whois " + columns[0], shell=True, check=False)  # fixed: subprocess.run(["true", columns[0].replace("\0", "")], check=False)
