# evfuzz: Lambda Runtime API client for Python, 3.6 and newer, no dependencies.
#
# Runs in the function's process as __main__. One socket and one write per invocation: the answer
# and the request for the next event travel together. Behaviour follows the managed runtimes:
# `except Exception` reports an error and goes on, SystemExit and KeyboardInterrupt end the
# process, log lines arrive before the answer.
import decimal
import importlib
import json
import logging
import os
import socket
import sys
import time
import traceback

API = "/2018-06-01/runtime"


class Fault(Exception):
    """An error that has one of the runtime's own names."""

    def __init__(self, name, message, trace=None):
        Exception.__init__(self, message)
        self.name = name
        self.trace = trace


# -------------------------------------------------------------------------------------------------
# HTTP: requests are written as bytes, answers arrive in the order of the requests.


class Connection(object):
    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self.host = address.encode("latin-1")
        self.socket = socket.create_connection((host, int(port)))
        self.socket.settimeout(None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.next_request = (
            "GET %s/invocation/next HTTP/1.1\r\nHost: %s\r\n\r\n" % (API, address)
        ).encode("latin-1")

    def post(self, path, headers, body):
        head = "POST %s/%s HTTP/1.1\r\nHost: %s\r\n%sContent-Length: %d\r\n\r\n" % (
            API,
            path,
            self.host.decode("latin-1"),
            headers,
            len(body),
        )
        return head.encode("latin-1") + body

    def send(self, request):
        try:
            self.socket.sendall(request)
        except OSError:
            leave()

    def receive(self):
        """One answer: status, headers with lower-case names, body."""
        buffer = self.buffer
        end = buffer.find(b"\r\n\r\n")
        while end < 0:
            part = self._read()
            # The blank line may have been cut in two.
            start = max(len(buffer) - 3, 0)
            buffer += part
            end = buffer.find(b"\r\n\r\n", start)
        lines = buffer[:end].decode("latin-1").split("\r\n")
        status = int(lines[0][9:12])
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        if "chunked" in headers.get("transfer-encoding", "").lower():
            self.buffer = buffer[end + 4 :]
            body = self._chunks()
        else:
            stop = end + 4 + int(headers.get("content-length", 0))
            missing = stop - len(buffer)
            if missing > 0:
                parts = [buffer]
                while missing > 0:
                    part = self._read()
                    parts.append(part)
                    missing -= len(part)
                buffer = b"".join(parts)
            body = buffer[end + 4 : stop]
            self.buffer = buffer[stop:]
        if status == 100:
            return self.receive()
        return status, headers, body

    def _read(self):
        try:
            part = self.socket.recv(65536)
        except OSError:
            part = b""
        if not part:
            leave()
        return part

    def _take(self, length):
        while len(self.buffer) < length:
            self.buffer += self._read()
        taken, self.buffer = self.buffer[:length], self.buffer[length:]
        return taken

    def _line(self):
        while b"\r\n" not in self.buffer:
            self.buffer += self._read()
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line

    def _chunks(self):
        parts = []
        while True:
            size = int(self._line().partition(b";")[0], 16)
            if size == 0:
                while self._line():
                    pass
                return b"".join(parts)
            parts.append(self._take(size + 2)[:-2])


def flush():
    # What the function logged must arrive before its answer. It may have closed or replaced the
    # streams, which is no reason to fail.
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass


def leave():
    """The harness is gone: nobody is left to talk to."""
    flush()
    os._exit(0)


# -------------------------------------------------------------------------------------------------
# Errors: shapes as the managed runtime posts and logs them.


def make_error(message, name, trace, request_id=""):
    return {
        "errorMessage": message or "",
        "errorType": name or "",
        "requestId": request_id,
        "stackTrace": trace or [],
    }


def current_error(request_id=""):
    kind, value, trace = sys.exc_info()
    frames = [
        (frame.filename, frame.lineno, frame.name, frame.line)
        for frame in traceback.extract_tb(trace)
    ]
    own = 0
    while own < len(frames) and frames[own][0] == __file__:
        own += 1
    # An import passes through the import machinery, which is not the function's either.
    while own < len(frames) and (
        frames[own][0].startswith("<frozen importlib")
        or frames[own][0] == importlib.__file__
    ):
        own += 1
    return make_error(
        str(value), kind.__name__, traceback.format_list(frames[own:]), request_id
    )


def log_error(error):
    lines = ["[ERROR] %s: %s" % (error["errorType"], error["errorMessage"])]
    if error["stackTrace"]:
        lines.append("Traceback (most recent call last):")
        for entry in error["stackTrace"]:
            lines.extend(entry.splitlines())
    try:
        # Carriage returns keep it one log event, as in the managed runtime.
        sys.stdout.write("\r".join(lines) + "\n")
    except Exception:
        pass


def error_header(error):
    # A header cannot hold everything that an error's name can.
    name = error["errorType"].encode("ascii", "replace").decode("ascii")
    name = "".join(c if " " <= c <= "~" else "?" for c in name)
    return "Content-Type: application/json\r\nLambda-Runtime-Function-Error-Type: %s\r\n" % name


# -------------------------------------------------------------------------------------------------
# JSON: the managed runtime's encoder writes decimals as numbers, and from python3.12 on it writes
# characters as they are.


def default(value):
    if isinstance(value, decimal.Decimal):
        if value.is_nan():
            # float() refuses a signalling one.
            return float("nan")
        whole = value.is_finite() and value == value.to_integral_value()
        return int(value) if whole else float(value)
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


encoder = json.JSONEncoder(ensure_ascii=sys.version_info < (3, 12), default=default)


def marshal(result):
    if isinstance(result, bytes):
        return result, "Content-Type: application/unknown\r\n"
    try:
        text = encoder.encode(result)
    except Exception as error:
        raise Fault("Runtime.MarshalError", "Unable to marshal response: %s" % error)
    return text, "Content-Type: application/json\r\n"


def unmarshal(body):
    try:
        return json.loads(body.decode("utf-8"))
    except Exception as error:
        raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error)


# -------------------------------------------------------------------------------------------------
# Context.


class Record(object):
    """An object that has exactly the attributes in `__slots__`, taken from a dictionary."""

    __slots__ = ()

    def __init__(self, values):
        for name in self.__slots__:
            setattr(self, name, values.get(name))

    def __repr__(self):
        fields = ",".join("%s=%s" % (name, getattr(self, name)) for name in self.__slots__)
        return "%s([%s])" % (type(self).__name__, fields)


class CognitoIdentity(Record):
    __slots__ = ["cognito_identity_id", "cognito_identity_pool_id"]


class Client(Record):
    __slots__ = [
        "installation_id",
        "app_title",
        "app_version_name",
        "app_version_code",
        "app_package_name",
    ]


class ClientContext(Record):
    __slots__ = ["custom", "env", "client"]


class LambdaContext(object):
    log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
    log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
    function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
    memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
    function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")

    def __init__(self, headers):
        # Also attributes of the object, so that `vars(context)` shows them.
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.log_group_name = LambdaContext.log_group_name
        self.log_stream_name = LambdaContext.log_stream_name
        self.function_name = LambdaContext.function_name
        self.memory_limit_in_mb = LambdaContext.memory_limit_in_mb
        self.function_version = LambdaContext.function_version
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        self.client_context = None
        client = header_json(headers, "lambda-runtime-client-context", "Client Context")
        if client is not None:
            self.client_context = ClientContext(client)
            if self.client_context.client is not None:
                self.client_context.client = Client(self.client_context.client)
        identity = (
            header_json(headers, "lambda-runtime-cognito-identity", "Cognito Identity") or {}
        )
        self.identity = CognitoIdentity(
            {
                "cognito_identity_id": identity.get("cognitoIdentityId"),
                "cognito_identity_pool_id": identity.get("cognitoIdentityPoolId"),
            }
        )
        self._epoch_deadline_time_in_ms = int(headers.get("lambda-runtime-deadline-ms", 0))

    def get_remaining_time_in_millis(self):
        return max(self._epoch_deadline_time_in_ms - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))

    def __repr__(self):
        fields = ",".join(
            "%s=%s" % item for item in vars(self).items() if not item[0].startswith("_")
        )
        return "LambdaContext([%s])" % fields


def header_json(headers, name, title):
    text = headers.get(name)
    if not text:
        return None
    try:
        return json.loads(text.encode("latin-1").decode("utf-8"))
    except Exception as error:
        raise Fault(
            "Runtime.LambdaContextUnmarshalError",
            "Unable to parse %s JSON: %s" % (title, error),
        )


# -------------------------------------------------------------------------------------------------
# Logging: the managed runtime installs a handler on the root logger, at level WARNING.


class RequestId(logging.Filter):
    current = ""

    def filter(self, record):
        record.aws_request_id = RequestId.current
        return True


class StdoutHandler(logging.StreamHandler):
    terminator = ""

    def emit(self, record):
        # Looked up each time: functions replace sys.stdout.
        self.stream = sys.stdout
        logging.StreamHandler.emit(self, record)


def set_up_logging():
    logging.Formatter.converter = time.gmtime
    handler = StdoutHandler(sys.stdout)
    handler.setFormatter(
        logging.Formatter(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n",
            "%Y-%m-%dT%H:%M:%S",
        )
    )
    handler.addFilter(RequestId())
    logging.getLogger().addHandler(handler)


# -------------------------------------------------------------------------------------------------
# Loading the function and the loop.


def load(name):
    module_name, dot, function = name.rpartition(".")
    if not dot:
        raise Fault(
            "Runtime.MalformedHandlerName",
            "Bad handler '%s': not enough values to unpack (expected 2, got 1)" % name,
        )
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault(
            "Runtime.BuiltInModuleConflict",
            "Cannot use built-in module %s as a handler module" % module_name,
        )
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault(
            "Runtime.ImportModuleError",
            "Unable to import module '%s': %s" % (module_name, error),
            current_error()["stackTrace"],
        )
    except SyntaxError as error:
        raise Fault(
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module '%s': %s" % (module_name, error),
            ['  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)],
        )
    try:
        return getattr(module, function)
    except AttributeError:
        raise Fault(
            "Runtime.HandlerNotFound",
            "Handler '%s' missing on module '%s'" % (function, module_name),
        )


def set_trace_id(value, known):
    if value != known:
        if value is None:
            os.environ.pop("_X_AMZN_TRACE_ID", None)
        else:
            os.environ["_X_AMZN_TRACE_ID"] = value
    return value


def quote(request_id):
    """Percent-encodes what a path segment cannot hold; real identifiers hold nothing of it."""
    if request_id.replace("-", "").isalnum():
        return request_id
    return "".join(
        c if c.isalnum() and c < "\x7f" or c in "-._~" else "%%%02X" % ord(c) for c in request_id
    )


def serve(connection, handler):
    # Taken once: a function that replaces them for itself must not change the client.
    send, receive, post = connection.send, connection.receive, connection.post
    next_request = connection.next_request
    trace_id = os.environ.get("_X_AMZN_TRACE_ID")
    send(next_request)
    waiting_for_ack = False
    while True:
        status, headers, body = receive()
        if waiting_for_ack:
            # A refused answer (too large, too late) is the emulator's business: the request for
            # the next event is already on its way.
            waiting_for_ack = False
            continue
        if status != 200:
            sys.stderr.write("evfuzz client: status %d for next: %r\n" % (status, body))
            sys.exit(1)
        request_id = headers["lambda-runtime-aws-request-id"]
        RequestId.current = request_id
        trace_id = set_trace_id(headers.get("lambda-runtime-trace-id"), trace_id)
        nonce = headers.get("lambda-runtime-invocation-id")
        echo = "" if nonce is None else "Lambda-Runtime-Invocation-Id: %s\r\n" % nonce
        error = None
        try:
            context = LambdaContext(headers)
            result, kind = marshal(handler(unmarshal(body), context))
        except Fault as fault:
            error = make_error(str(fault), fault.name, fault.trace, request_id)
        except Exception:
            error = current_error(request_id)
        if error is None:
            if not isinstance(result, bytes):
                # From python3.12 on half a surrogate pair ends the process here, as it does in
                # the managed runtime.
                result = result.encode("utf-8")
            answer = post("invocation/%s/response" % quote(request_id), echo + kind, result)
        else:
            log_error(error)
            answer = post(
                "invocation/%s/error" % quote(request_id),
                echo + error_header(error),
                encoder.encode(error).encode("utf-8", "replace"),
            )
        flush()
        send(answer + next_request)
        waiting_for_ack = True


def main():
    root = os.environ.get("LAMBDA_TASK_ROOT") or os.getcwd()
    # The folder of this file is not the function's: it must not find `client` there.
    own_folder = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != own_folder]
    sys.path.insert(0, root)
    set_up_logging()
    # The managed runtime flushes every write; by line is enough to lose nothing in a crash.
    if sys.version_info >= (3, 7):
        sys.stdout.reconfigure(line_buffering=True)

    address = os.environ.get("AWS_LAMBDA_RUNTIME_API", "")
    error = None
    try:
        handler = load(os.environ.get("_HANDLER", ""))
    except Fault as fault:
        error = make_error(str(fault), fault.name, fault.trace)
    except Exception:
        error = current_error()
    try:
        connection = Connection(address)
    except (OSError, ValueError) as failure:
        sys.stderr.write("evfuzz client: cannot reach '%s': %s\n" % (address, failure))
        sys.exit(1)
    if error is not None:
        log_error(error)
        flush()
        body = encoder.encode(error).encode("utf-8", "replace")
        connection.send(connection.post("init/error", error_header(error), body))
        connection.receive()
        sys.exit(1)
    serve(connection, handler)


if __name__ == "__main__":
    main()
