# SNS: objects of a bucket.
# source: sns
# point: /Records/0/Sns/Message»json»/Records/0/s3/object/key»s3-key»
# events: 400
import json
import os
import urllib.parse


class Processor:
    def __init__(self, bucket, key):
        self.bucket, self.key = bucket, urllib.parse.unquote_plus(key)

    def run(self):
        os.system("echo '/tmp/%s'" % self.key)  # fixed: print('/tmp/%s' % self.key)


def handler(event, _):
    message = json.loads(event["Records"][0]["Sns"]["Message"])
    if "Records" not in message:
        return "test event"
    for rec in message["Records"]:
        Processor(rec["s3"]["bucket"]["name"], rec["s3"]["object"]["key"]).run()
