# REST API: a query that may be missing.
# source: apigw-rest
# point: /queryStringParameters/q
# events: 40
import os


def handler(e, ctx):
    os.system("echo " + ((e.get("queryStringParameters") or {}).get("q") or ""))  # fixed: os.spawnlp(os.P_WAIT, "true", "true", ((e.get("queryStringParameters") or {}).get("q") or "").replace("\0", ""))
    return {"statusCode": 200, "body": ""}
