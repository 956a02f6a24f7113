# Connect: finds the customer of a call.
# source: connect
# point: /Details/Parameters/customerNumber
# events: 200
import subprocess


def handler(event, context):
    number = event["Details"]["Parameters"]["customerNumber"]
    found = subprocess.getoutput(f"echo {number}")  # fixed: found = number
    return {"name": found}
