# S3 Object Lambda: redaction rules named by a header of the caller's request.
# source: s3-object-lambda
# point: /userRequest/headers/x-redact-rules
# events: 60
import subprocess


def lambda_handler(event, context):
    object_context = event["getObjectContext"]
    headers = {name.lower(): value for name, value in event["userRequest"]["headers"].items()}
    rules = headers.get("x-redact-rules", "default")
    subprocess.run(f"redact --rules {rules}", shell=True, check=False)  # fixed: subprocess.run(["true", "--rules", rules], check=False)
    return {"status_code": 200, "route": object_context["outputRoute"]}
