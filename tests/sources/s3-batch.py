# S3 Batch Operations: checks each object of a job.
# source: s3-batch
# point: /tasks/0/s3Key»s3-key»
# events: 40
import os
from urllib.parse import unquote_plus


def lambda_handler(event, context):
    results = []
    for task in event["tasks"]:
        key = unquote_plus(task["s3Key"], encoding="utf-8")
        os.system("file " + key)  # fixed: os.spawnlp(os.P_WAIT, "true", "true", key.replace("\0", ""))
        results.append({"taskId": task["taskId"], "resultCode": "Succeeded", "resultString": key})
    return {"invocationSchemaVersion": event["invocationSchemaVersion"], "treatMissingKeysAs": "PermanentFailure",
            "invocationId": event["invocationId"], "results": results}
