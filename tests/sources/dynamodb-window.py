# DynamoDB stream in tumbling windows: counts, and tells a program about what is new.
# source: dynamodb
# point: /Records/0/dynamodb/NewImage/city/S
# events: 100
import os


def handler(event, context):
    state = event.get("state") or {"count": 0}
    for record in event["Records"]:
        image = record["dynamodb"].get("NewImage", {})
        city = image.get("city", {}).get("S")
        state["count"] = int(state.get("count", 0)) + 1
        if city and event["isFinalInvokeForWindow"]:
            os.system("publish-count " + city)  # fixed: os.spawnlp(os.P_WAIT, "true", "true", city.replace("\0", ""))
    if event["isFinalInvokeForWindow"]:
        return {"state": {}}
    return {"state": state}
