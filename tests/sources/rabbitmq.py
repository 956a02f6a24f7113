# RabbitMQ: archives to unpack, by queue.
# source: rabbitmq
# point: /rmqMessagesByQueue/orders::~1/0/data»base64»json»/archive
# events: 40
import base64
import json
import subprocess
from dataclasses import dataclass


@dataclass
class Job:
    archive: str
    target: str = "/tmp"


def parse(message):
    fields = json.loads(base64.b64decode(message["data"]))
    return Job(archive=fields["archive"], target=fields.get("target", "/tmp"))


def handler(event, context):
    done = 0
    for queue, messages in event["rmqMessagesByQueue"].items():
        for message in messages:
            try:
                job = parse(message)
            except (ValueError, KeyError, TypeError):
                continue
            subprocess.call(f"tar -tf {job.archive}", shell=True)  # fixed: subprocess.call(["true", "-tf", str(job.archive).replace("\0", "")])
            done += 1
    return {"done": done}
