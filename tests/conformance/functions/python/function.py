"""What every client of the conformance matrix is asked to do, in Python: `event["case"]` says what."""

import os
import signal
import threading
import time

KEPT = "/tmp/kept"
LATER = "/tmp/later"
nth = 0

if os.environ.get("CONFORMANCE_INIT") == "error":
    raise RuntimeError("init fails: ключ")


class Refused(Exception):
    pass


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


def write(path, text):
    # Whoever waits for the file must not find it empty.
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.rename(path + ".new", path)


def facts(event, context):
    """The event, and what the client says about the invocation."""
    client, identity = context.client_context, context.identity
    return {
        "event": event,
        "nth": nth,
        "kept": read(KEPT),
        "later": read(LATER),
        "request_id": context.aws_request_id,
        "arn": context.invoked_function_arn,
        "remaining_ms": context.get_remaining_time_in_millis(),
        "function_name": context.function_name,
        "function_version": context.function_version,
        "memory_mb": int(context.memory_limit_in_mb),
        "log_group": context.log_group_name,
        "log_stream": context.log_stream_name,
        "trace_id": os.environ.get("_X_AMZN_TRACE_ID"),
        "tenant": context.tenant_id,
        "client": client
        and {"installation_id": client.client.installation_id, "custom": client.custom},
        "identity": identity.cognito_identity_id
        and {"id": identity.cognito_identity_id, "pool": identity.cognito_identity_pool_id},
    }


def fail(message):
    raise Refused(message)


def work(event):
    time.sleep(0.03)
    print(event["log"])
    write(LATER, event["keep"])


def identity(event, context):
    return event


def handler(event, context):
    global nth
    nth += 1
    wanted = event["case"]
    if wanted == "echo":
        if "log" in event:
            print(event["log"])
        return facts(event, context)
    if wanted == "error":
        raise Refused(event["message"])
    if wanted == "huge-error":
        raise Refused("x" * event["bytes"])
    if wanted == "exit":
        raise SystemExit(event["code"])
    if wanted == "signal":
        os.kill(os.getpid(), signal.SIGKILL)
    if wanted == "sleep":
        write(KEPT, event["keep"])
        time.sleep(10)
    if wanted == "large":
        return "x" * (event["bytes"] - 2)
    if wanted == "unawaited":
        # Nobody awaits it, and it fails while the handler still works.
        thread = threading.Thread(target=fail, args=(event["message"],))
        thread.start()
        thread.join()
        return facts(event, context)
    if wanted == "later":
        threading.Thread(target=work, args=(event,), daemon=True).start()
        return facts(event, context)
    if wanted == "wait":
        while not os.path.exists(LATER):
            time.sleep(0.005)
        return facts(event, context)
    raise Exception("no such case: " + wanted)
