# IoT rule: telemetry with the topic it came on.
# source: iot
# point: /state/reported/alarm
# events: 60
import subprocess


def handler(event, context):
    topic = event["topic"]
    site = topic.split("/")[1] if "/" in topic else "unknown"
    alarm = event.get("state", {}).get("reported", {}).get("alarm")
    if alarm is not None:
        subprocess.Popen(f"notify {site} {alarm}", shell=True).wait()  # fixed: subprocess.Popen(["true", str(alarm).replace("\0", "")]).wait()
    return {"site": site}
