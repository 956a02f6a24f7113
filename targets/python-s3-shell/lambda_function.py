"""Makes a small preview of each uploaded object."""

import os
from urllib.parse import unquote_plus


def lambda_handler(event, context):
    made = []
    for record in event["Records"]:
        key = unquote_plus(record["s3"]["object"]["key"])
        # Weak: the key becomes part of a shell command.
        os.system("touch /tmp/{} && head -c 1024 /tmp/{} > /tmp/preview".format(key, key))
        made.append(key)
    return {"previews": made}
