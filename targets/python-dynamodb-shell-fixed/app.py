"""Writes changes of a table of customers to the audit log."""

import json

LOG = "/tmp/audit.log"


def name_in(record):
    """The customer's name after the change, None if the item is gone or has no name."""
    try:
        name = record["dynamodb"]["NewImage"]["name"]["S"]
    except (KeyError, TypeError):
        return None
    return name if isinstance(name, str) else None


def handler(event, context):
    records = event.get("Records") if isinstance(event, dict) else None
    written = 0
    for record in records if isinstance(records, list) else []:
        name = name_in(record)
        if name is None:
            continue
        try:
            with open(LOG, "a", encoding="utf-8") as log:
                # As JSON, so that a name cannot forge a line of its own.
                log.write(json.dumps({"customer": name[:200]}) + "\n")
            written += 1
        except OSError as error:
            print("cannot write the audit log: %s" % error)
    return {"written": written}
