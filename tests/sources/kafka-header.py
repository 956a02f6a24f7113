# Kafka on servers of one's own: a header of the record, which arrives as signed bytes.
# source: kafka
# point: /records/orders-0/0/headers/0/tenant»signed-bytes»
# events: 40
import subprocess


def header(record, name):
    for one in record.get("headers", []):
        if name in one:
            return bytes(byte % 256 for byte in one[name]).decode("utf-8", "replace")
    return None


def handler(event, context):
    for partition, records in event["records"].items():
        for record in records:
            tenant = header(record, "tenant")
            if tenant:
                subprocess.run("switch-tenant " + tenant, shell=True, check=False)  # fixed: subprocess.run(["true", tenant.replace("\0", "")], check=False)
    return event["bootstrapServers"]
