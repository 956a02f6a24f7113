"""Makes a small preview of each uploaded object."""

import posixpath
import re
import subprocess
from urllib.parse import unquote_plus

FOLDER = "/tmp"
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


def name_of(record):
    """The file name in the key of an S3 record, None if we do not make previews of such."""
    try:
        key = unquote_plus(record["s3"]["object"]["key"])
    except (KeyError, TypeError, AttributeError):
        return None
    name = posixpath.basename(key)
    return name if NAME.fullmatch(name) else None


def make_preview(name):
    path = posixpath.join(FOLDER, name)
    try:
        with open(path + ".preview", "wb") as preview:
            subprocess.run(
                ["head", "-c", "1024", "--", path],
                stdout=preview,
                stderr=subprocess.DEVNULL,
                timeout=5,
                check=True,
            )
    except (OSError, subprocess.SubprocessError) as error:
        print("no preview of %s: %s" % (name, error))
        return False
    return True


def lambda_handler(event, context):
    # S3 sends a test event without records when notifications are set up.
    records = event.get("Records") if isinstance(event, dict) else None
    made = []
    for record in records if isinstance(records, list) else []:
        name = name_of(record)
        if name is None:
            print("skipped a record without a usable key")
        elif make_preview(name):
            made.append(name)
    return {"previews": made}
