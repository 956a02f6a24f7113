# Settings in YAML, read with a loader that makes any object.
# packages: pyyaml==6.0.3
# oracle: deserialization
# point: /Records/0/body
# events: 400
import yaml


def handler(event, context):
    failures = []
    for record in event['Records']:
        try:
            settings = yaml.load(record['body'], Loader=yaml.UnsafeLoader)  # fixed: settings = yaml.safe_load(record['body'][:1000])
            print(len(settings))
        except Exception:
            failures.append({'itemIdentifier': record['messageId']})
    return {'batchItemFailures': failures}
