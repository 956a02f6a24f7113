# What errors look like: the documents that are posted, and X-Ray's view of their cause.
import os
import sys
import traceback

# awslambdaric/lambda_runtime_client.py: a longer one is not sent at all.
LARGEST_CAUSE = 1024 * 1024
# awslambdaric/bootstrap.py looks at names alone, so files of the function that are called
# bootstrap.py are left out too. Its _get_handler is there, ours is in a file of its own.
OWN_ENDING = "/bootstrap.py"
OWN_LOADER = os.path.join(os.path.dirname(__file__), "handler.py")


class Fault(Exception):
    """An error that has one of the runtime's own names."""

    def __init__(self, name, message, stack_trace=None):
        Exception.__init__(self, message)
        self.name = name
        self.message = message
        self.stack_trace = stack_trace


def document(message, name, stack_trace, request_id=""):
    return {
        "errorMessage": message or "",
        "errorType": name or "",
        "requestId": request_id,
        "stackTrace": stack_trace or [],
    }


def frames_of(trace):
    """The frames from the first one on that is not the client's; all, if all are the client's."""
    frames = [
        (frame.filename, frame.lineno, frame.name, frame.line)
        for frame in traceback.extract_tb(trace)
    ]
    for index, (file, _, _, _) in enumerate(frames):
        if OWN_ENDING not in file and file != OWN_LOADER:
            return frames[index:]
    return frames


def cause(name, message, frames):
    paths = []
    for file, _, _, _ in frames:
        if file not in paths:
            paths.append(file)
    stack = [{"label": label, "path": file, "line": line} for file, line, label, _ in frames]
    return {
        "working_directory": os.getcwd(),
        "exceptions": [{"message": message, "type": name, "stack": stack}],
        "paths": paths,
    }


def document_of_fault(fault, request_id=""):
    return document(fault.message, fault.name, fault.stack_trace, request_id)


def document_of_exception(request_id=""):
    """The exception that is being handled. One that cannot be made text ends the process."""
    kind, value, trace = sys.exc_info()
    lines = traceback.format_list(frames_of(trace))
    return document(str(value), kind.__name__, lines, request_id)


def of_fault(fault, request_id):
    """What went wrong in an invocation: document and cause."""
    reason = cause("LambdaValidationError", fault.message, [])
    return document_of_fault(fault, request_id), reason


def of_exception(request_id):
    kind, value, trace = sys.exc_info()
    frames = frames_of(trace)
    reason = cause(kind.__name__, str(value), frames)
    lines = traceback.format_list(frames)
    return document(str(value), kind.__name__, lines, request_id), reason


def post_of(post, request_id, echo, error, error_cause):
    """The request that answers with an error, and whether the server may not read it.

    The official client sends no error type here. A DEL, which JSON leaves as it is from
    python3.12 on, is not allowed in a header: the service refuses the request, which ends the
    process.
    """
    to_json = part("json_text").to_json
    text = to_json(error_cause)
    header = ""
    if len(text.encode("utf-8")) < LARGEST_CAUSE:
        header = "Lambda-Runtime-Function-XRay-Error-Cause: %s\r\n" % text
    request = post(
        "invocation/%s/error" % request_id,
        "%sContent-Type: application/json\r\n%s" % (echo, header),
        to_json(error).encode("utf-8"),
    )
    return request, "\x7f" in header


def init_error_head(name):
    # http.client, which the official client uses outside of invocations, writes latin-1 and
    # refuses what would be another header.
    if "\n" in name or "\r" in name:
        raise ValueError("Invalid header value %r" % name.encode("latin-1"))
    name.encode("latin-1")
    return "Lambda-Runtime-Function-Error-Type: %s\r\n" % name


def post_outside(connection, path, error, name):
    """Posts an error that belongs to no invocation. The status must be 202."""
    body = part("json_text").to_json(error).encode("latin-1")
    connection.send(connection.post(path, init_error_head(name), body, "latin-1"))
    status, answer = connection.acknowledged()
    if status != 202:
        raise RuntimeError(
            "Request to Lambda Runtime '%s' endpoint failed. Reason: '%s'. Response body: '%s'"
            % ("/2018-06-01/runtime/" + path, status, answer)
        )


def post_init_error(connection, error, name=None):
    post_outside(connection, "init/error", error, name or error["errorType"])
