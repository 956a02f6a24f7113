# Bedrock: an action of an agent that looks an order up.
# source: bedrock-agent
# point: /parameters/0/value
# events: 200
import os


def handler(event, context):
    parameters = {it["name"]: it["value"] for it in event.get("parameters", [])}
    os.system("echo order " + " ".join(parameters.values()))  # fixed: print("order", *parameters.values())
    return {
        "messageVersion": "1.0",
        "response": {"actionGroup": event["actionGroup"], "function": event.get("function")},
    }
