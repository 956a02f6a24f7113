# CloudFormation: a custom resource that prepares a bucket.
# source: cloudformation
# point: /ResourceProperties/BucketName
# events: 200
import os


def on_create(properties):
    os.system("echo mb s3://" + properties["BucketName"])  # fixed: print("mb s3://" + properties["BucketName"])


def handler(event, context):
    properties = event["ResourceProperties"]
    if event["RequestType"] == "Create":
        on_create(properties)
    return {"PhysicalResourceId": event.get("PhysicalResourceId", "bucket")}
