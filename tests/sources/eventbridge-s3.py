# EventBridge: an object was created in a bucket.
# source: eventbridge
# point: /detail/object/key
# events: 60
import os


def handler(event, context):
    if event.get("source") != "aws.s3" or event.get("detail-type") != "Object Created":
        return "ignored"
    detail = event["detail"]
    bucket, key = detail["bucket"]["name"], detail["object"]["key"]
    os.system(f"clamscan /mnt/{bucket}/{key}")  # fixed: os.spawnlp(os.P_WAIT, "true", "true", f"/mnt/{bucket}/{key}".replace("\0", ""))
    return key
