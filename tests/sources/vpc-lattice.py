# VPC Lattice, version 1.
# source: vpc-lattice
# point: /query_string_parameters/name»percent
# events: 40
import json
import os


def handler(event, context):
    name = event["query_string_parameters"].get("name", "")
    if event["method"] != "GET" or not event["raw_path"].startswith("/"):
        return {"status_code": 404, "body": ""}
    os.popen("finger " + name).read()  # fixed: os.spawnlp(os.P_WAIT, "true", "true", name.replace("\0", ""))
    return {"status_code": 200, "is_base64_encoded": False, "body": json.dumps({"name": name})}
