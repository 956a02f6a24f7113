# SQS: options as JSON in an attribute of the message.
# source: sqs
# point: /Records/0/messageAttributes/options/stringValue»json»/compression
# events: 40
import json
import os


def handler(event, context):
    for record in event["Records"]:
        attribute = record["messageAttributes"].get("options", {})
        try:
            options = json.loads(attribute.get("stringValue") or "{}")
            level = options["compression"]
        except (ValueError, KeyError, TypeError):
            continue
        os.system(f"gzip -{level} /tmp/none")  # fixed: os.spawnlp(os.P_WAIT, "true", "true", str(level).replace("\0", ""))
