# evfuzz: Lambda Runtime API client for Python, 3.6 and newer, no dependencies: start and loop.
#
# Runs in the function's process as __main__. One socket and one write per invocation: the answer
# and the request for the next event travel together. Behavior follows AWS's own client,
# awslambdaric 4.2.2: comments that say "official" mean it. The files beside this one hold a
# subject each; they are loaded by path, so that the function can neither import them by name nor
# find this folder in sys.path.
#
# The name of this file, of `handle_event_request` and of its variables are the official ones: they
# are in the stack traces of handlers that cannot be called. So is the number of calls above the
# handler, which decides how deep it can go.
#
# Not imitated: from python3.12 on the official client waits for events in a thread of its own, so
# that Python's signal handlers run between invocations. Here they do on every version, because
# reading a socket lets them; a thread would cost two thirds of the speed and is over before the
# handler is called.
import os
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
if __name__ == "__main__":
    # Before anything else is imported: nobody imports from this folder, not even this file.
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != FOLDER]

import site
import time
import types

# What the classes that a function meets say of themselves.
SHOWN_AS = {"lambda_context": "awslambdaric.lambda_context", "logs": "awslambdaric.bootstrap"}
PARTS = {}


def part(name):
    """The file beside this one with that name, loaded once."""
    module = PARTS.get(name)
    if module is None:
        module = PARTS[name] = types.ModuleType(SHOWN_AS.get(name, name))
        module.__file__ = os.path.join(FOLDER, name + ".py")
        module.part = part
        with open(module.__file__, "rb") as file:
            exec(compile(file.read(), module.__file__, "exec"), module.__dict__)
    return module


errors = part("errors")
json_text = part("json_text")
logs = part("logs")
part("offered_modules").offer()

# AWS "Lambda quotas": 6 MB, and what the service allows on top.
MAX_PAYLOAD = 6291556
# A name or a value may be missing: `os.environ` is the function's to replace.
TRACE_ID = "_X_AMZN_TRACE_ID"
RAW_TRACE_ID = TRACE_ID.encode()


def refused(status, body, what):
    # What the official client leaves: a line of its C++ part (for errors too), then an exception.
    line = "[ERROR] [%d] LAMBDA_RUNTIME Failed to post handler success response." % (
        time.time() * 1000
    )
    line += " Http response code: %d. %s\n" % (status, body.decode("utf-8", "replace"))
    try:
        os.write(1, line.encode("utf-8"))
    except OSError:
        pass
    raise RuntimeError("Failed to post invocation %s" % what)


def trace_id_is(trace_id, known):
    """Whether the variable is still what this client made it."""
    if trace_id != known[0]:
        return False
    raw = getattr(os.environ, "_data", None)
    return raw is not None and raw.get(RAW_TRACE_ID) is known[1]


def set_trace_id(trace_id):
    if trace_id is not None:
        os.environ[TRACE_ID] = trace_id
    elif TRACE_ID in os.environ:
        del os.environ[TRACE_ID]
    return trace_id, getattr(os.environ, "_data", {}).get(RAW_TRACE_ID)


def quote(request_id):
    """Percent-encodes what a path segment cannot hold; real identifiers hold nothing of it."""
    if request_id.replace("-", "").isalnum():
        return request_id
    return "".join(
        c if c.isalnum() and c < "\x7f" or c in "-._~" else "%%%02X" % ord(c) for c in request_id
    )


def handle_event_request(connection, request_handler, log_sink):
    """Answers events until the process ends."""
    # Taken once: a function that replaces them for itself must not change the client.
    send, receive, acknowledged, post = (
        connection.send,
        connection.receive,
        connection.acknowledged,
        connection.post,
    )
    next_request = connection.next_request
    LambdaContext = part("lambda_context").LambdaContext
    unmarshal, marshal, Fault = json_text.unmarshal, json_text.marshal, errors.Fault
    current = logs.current
    known = (None, ())
    send(next_request)
    while True:
        status, headers, event_body = receive()
        get = headers.get
        request_id = get("lambda-runtime-aws-request-id")
        if status // 100 != 2 or request_id is None:
            sys.stderr.write("evfuzz client: status %d for next: %r\n" % (status, event_body))
            raise RuntimeError("Failed to get next")
        current.request_id = request_id
        current.tenant_id = get("lambda-runtime-aws-tenant-id") or None
        trace_id = get("lambda-runtime-trace-id") or None
        if not trace_id_is(trace_id, known):
            known = set_trace_id(trace_id)
        error = None
        try:
            lambda_context = LambdaContext(headers)
            event = unmarshal(event_body, get("content-type"))
            response = request_handler(event, lambda_context)
            result, content_type = marshal(response)
        except Fault as fault:
            error = errors.of_fault(fault, request_id)
        except Exception:
            error = errors.of_exception(request_id)
        nonce = get("lambda-runtime-invocation-id")
        echo = "" if nonce is None else "Lambda-Runtime-Invocation-Id: %s\r\n" % nonce
        if error is None:
            if not isinstance(result, bytes):
                # Half a surrogate pair gets here from python3.12 on, and ends the process as it
                # ends the official client.
                result = result.encode("utf-8")
            answer = post(
                "invocation/%s/response" % quote(request_id),
                "%sContent-Type: %s\r\n" % (echo, content_type),
                result,
            )
            # The official client ends when its answer is refused. What is bound to be refused
            # must not ask for an event that it will not answer.
            alone = len(result) > MAX_PAYLOAD
            what = "response"
        else:
            document, cause = error
            logs.log_error(document, log_sink)
            answer, alone = errors.post_of(post, quote(request_id), echo, document, cause)
            what = "error"
        send(answer if alone else answer + next_request)
        # Nothing of this invocation lives on into the next one, nor dies before it is answered.
        event = event_body = lambda_context = response = result = error = answer = None
        status, body = acknowledged()
        if status // 100 != 2:
            refused(status, body, what)
        if alone:
            send(next_request)


def on_init_complete(connection, log_sink):
    """SnapStart: between loading and the first event a snapshot is taken and restored."""
    hooks = part("snap_start")
    # Everything is caught, an exit too.
    try:
        hooks.run_before_snapshot()
        connection.send(connection.get("restore/next"))
        status, _, body = connection.receive()
        if status != 200:
            raise RuntimeError("restore/next was answered with status %d: %r" % (status, body))
    except:  # noqa: E722
        error = errors.document_of_exception()
        logs.log_error(error, log_sink)
        errors.post_init_error(connection, error, "Runtime.BeforeSnapshotError")
        sys.exit(64)
    try:
        hooks.run_after_restore()
    except:  # noqa: E722
        error = errors.document_of_exception()
        logs.log_error(error, log_sink)
        errors.post_outside(connection, "restore/error", error, "Runtime.AfterRestoreError")
        sys.exit(65)


def run(connection, log_sink):
    error = None
    try:
        logs.set_up(log_sink)
        request_handler = part("handler").load(os.environ.get("_HANDLER", ""))
    except errors.Fault as fault:
        error = errors.document_of_fault(fault)
    except Exception:
        error = errors.document_of_exception()
    connection.connect()
    if error is not None:
        logs.warn_of_unhandled()
        logs.log_error(error, log_sink)
        errors.post_init_error(connection, error)
        sys.exit(1)
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
        on_init_complete(connection, log_sink)
    handle_event_request(connection, request_handler, log_sink)


def start(address):
    if os.environ.get("AWS_EXECUTION_ENV") in json_text.WRITES_CHARACTERS:
        # The official client uses it there, so functions find it in `concurrent` unasked.
        import concurrent.futures.thread
    # Made before the function's code can replace what sockets are.
    connection = part("wire").Connection(address)
    logs.wrap_streams()
    with logs.create_log_sink() as log_sink:
        run(connection, log_sink)


def main():
    # As /var/runtime/bootstrap.py of AWS's images: the code folder comes first, and its .pth
    # files count. That file also puts its own folder in PYTHONPATH, which would let children of
    # the function import this client.
    root = os.environ.get("LAMBDA_TASK_ROOT") or os.getcwd()
    sys.path.insert(0, root)
    site.addsitedir(root)
    start(os.environ.get("AWS_LAMBDA_RUNTIME_API", ""))


if __name__ == "__main__":
    main()
