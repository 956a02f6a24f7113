"""Writes changes of a table of customers to the audit log."""

import os


def handler(event, context):
    for record in event["Records"]:
        # Weak: there is no NewImage when an item is removed.
        image = record["dynamodb"]["NewImage"]
        # Weak: an attribute of the item becomes part of a shell command.
        os.system("echo customer %s >> /tmp/audit.log" % image["name"]["S"])
    return {"written": len(event["Records"])}
