# What a function writes: its streams, Python's logging, and the errors that the client logs, as
# text or JSON, to stdout or in frames to the descriptor that the service names. Class names,
# formats and numbers: awslambdaric/bootstrap.py and lambda_runtime_log_utils.py 4.2.2.
import json
import logging
import os
import sys
import time
import traceback

json_text = part("json_text")

# Read before the function's code runs.
IS_JSON = (os.environ.get("AWS_LAMBDA_LOG_FORMAT") or "").upper() == "JSON"
LEVEL = os.environ.get("AWS_LAMBDA_LOG_LEVEL") or ""
LEVEL = "DEBUG" if LEVEL == "TRACE" else LEVEL.upper()

TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
# The runtime replaces leading spaces in traces: consoles would drop them.
NO_BREAK_SPACE = "\u00a0"


def frame_types(base):
    """By level: a byte of the frame's type counts them from 2 on (DEBUG), in the upper six bits."""
    marks = {0: 0, 10: 8, 20: 12, 30: 16, 40: 20, 50: 24}
    return {level: (base | mark).to_bytes(4, "big") for level, mark in marks.items()}


JSON_FRAMES = frame_types(0xA55A0002)
TEXT_FRAMES = frame_types(0xA55A0003)


class current(object):
    """The invocation that log records belong to."""

    request_id = None
    tenant_id = None


class Unbuffered(object):
    """A stream that keeps nothing back, so that a crash loses nothing."""

    def __init__(self, stream):
        self.stream = stream

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc_value, exc_tb):
        pass

    def __getattr__(self, attr):
        return getattr(self.stream, attr)

    def write(self, msg):
        self.stream.write(msg)
        self.stream.flush()

    def writelines(self, msgs):
        self.stream.writelines(msgs)
        self.stream.flush()


def wrap_streams():
    sys.stdout = Unbuffered(sys.stdout)
    sys.stderr = Unbuffered(sys.stderr)


# -------------------------------------------------------------------------------------------------
# Where log records go. Errors are not caught: a function that has closed its stdout ends with its
# next log line, as in Lambda.


class StandardLogSink(object):
    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc_value, exc_tb):
        pass

    def log(self, msg, frame_type=None):
        sys.stdout.write(msg)

    def log_error(self, message_lines):
        # Carriage returns keep it one log event.
        sys.stdout.write("\r".join(message_lines) + "\n")


class FramedTelemetryLogSink(object):
    """Frames: type, length (4 bytes each), microseconds since 1970 (8 bytes), text; big-endian."""

    def __init__(self, fd):
        self.fd = int(fd)

    def __enter__(self):
        self.file = os.fdopen(self.fd, "wb", 0)
        return self

    def __exit__(self, exc_type, exc_value, exc_tb):
        self.file.close()

    def log(self, msg, frame_type=None):
        text = msg.encode("utf-8")
        self.file.write(
            (frame_type or TEXT_FRAMES[0])
            + len(text).to_bytes(4, "big")
            + int(time.time() * 1000000).to_bytes(8, "big")
            + text
        )

    def log_error(self, message_lines):
        self.log("\n".join(message_lines), frame_type=(JSON_FRAMES if IS_JSON else TEXT_FRAMES)[40])


def create_log_sink():
    # Neither the function nor its children are to see it.
    descriptor = os.environ.pop("_LAMBDA_TELEMETRY_LOG_FD", None)
    return StandardLogSink() if descriptor is None else FramedTelemetryLogSink(descriptor)


def log_error(error, log_sink):
    if IS_JSON:
        now = time.strftime(TIME_FORMAT, logging.Formatter.converter(time.time()))
        fields = {"timestamp": now, "level": "ERROR"}
        fields.update(error)
        log_sink.log_error([json_text.to_json(fields)])
        return
    name, message = error["errorType"], error["errorMessage"]
    head = "[ERROR]"
    if name:
        head += " " + name
    if message:
        head += (": " if name else " ") + message
    lines = [head, "Traceback (most recent call last):"]
    for entry in error["stackTrace"]:
        for line in entry.splitlines() or [""]:
            text = line.lstrip(" ")
            lines.append(NO_BREAK_SPACE * (len(line) - len(text)) + text)
    log_sink.log_error(lines)


# -------------------------------------------------------------------------------------------------
# Python's logging: one handler on the root logger, which keeps its level unless one is configured.


def level_of(record):
    return min(50, max(0, record.levelno)) // 10 * 10


class LambdaLoggerFilter(logging.Filter):
    def filter(self, record):
        record.aws_request_id = current.request_id or ""
        record.tenant_id = current.tenant_id
        return True


class LambdaLoggerHandler(logging.Handler):
    # Neither handler catches anything: arguments that do not fit their format are an error of the
    # function that logs them, not a note on stderr.
    def __init__(self, log_sink):
        logging.Handler.__init__(self)
        self.log_sink = log_sink

    def emit(self, record):
        msg = self.format(record)
        self.log_sink.log(msg)


class LambdaLoggerHandlerWithFrameType(logging.Handler):
    def __init__(self, log_sink):
        logging.Handler.__init__(self)
        self.log_sink = log_sink

    def emit(self, record):
        self.log_sink.log(
            self.format(record),
            frame_type=getattr(record, "_frame_type", None) or TEXT_FRAMES.get(level_of(record)),
        )


class JsonFormatter(logging.Formatter):
    # What every record has; all else is the function's own and is shown.
    KNOWN = frozenset(
        (
            "name msg args levelname levelno pathname filename module exc_info exc_text stack_info"
            " lineno funcName created msecs relativeCreated thread threadName processName process"
            " aws_request_id tenant_id _frame_type"
        ).split()
    )
    encode = json.JSONEncoder(ensure_ascii=False, default=str).encode

    def __init__(self):
        logging.Formatter.__init__(self, datefmt=TIME_FORMAT)

    def format(self, record):
        # The record itself changes, for handlers that come later too.
        record.levelno = level_of(record)
        record.levelname = logging.getLevelName(record.levelno)
        record._frame_type = JSON_FRAMES.get(record.levelno, JSON_FRAMES[0])
        raised = record.exc_info
        as_object = isinstance(record.msg, dict) and not record.args
        fields = {
            "timestamp": self.formatTime(record, self.datefmt),
            "level": record.levelname,
            "message": record.msg if as_object else record.getMessage(),
            "logger": record.name,
            "stackTrace": traceback.format_tb(raised[2]) if raised else None,
            "errorType": raised[0].__name__ if raised else None,
            "errorMessage": str(raised[1]) if raised else None,
            "requestId": getattr(record, "aws_request_id", None),
            "location": "%s:%s:%s" % (record.pathname, record.funcName, record.lineno)
            if raised
            else None,
        }
        tenant_id = getattr(record, "tenant_id", None)
        if tenant_id is not None:
            fields["tenantId"] = tenant_id
        for key, value in record.__dict__.items():
            if key not in self.KNOWN and key not in fields:
                fields[key] = value
        fields = {key: value for key, value in fields.items() if value is not None}
        return self.encode(fields) + "\n"


def set_up(log_sink):
    logging.Formatter.converter = time.gmtime
    root = logging.getLogger()
    if IS_JSON or LEVEL:
        handler = LambdaLoggerHandlerWithFrameType(log_sink)
    else:
        handler = LambdaLoggerHandler(log_sink)
    if IS_JSON:
        handler.setFormatter(JsonFormatter())
    else:
        handler.setFormatter(
            logging.Formatter(
                "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n",
                "%Y-%m-%dT%H:%M:%S",
            )
        )
    if LEVEL in logging._nameToLevel:
        root.setLevel(LEVEL)
    handler.addFilter(LambdaLoggerFilter())
    root.addHandler(handler)
    is_preview = os.environ.get("AWS_EXECUTION_ENV") == "AWS_Lambda_python3.15"
    if is_preview and not os.environ.get("LAMBDA_DISABLE_PREVIEW_WARN"):
        logging.warning("LAMBDA_WARNING: This is a preview runtime version.\r")


def warn_of_unhandled():
    # By way of the root logger, so that levels and handlers of the function count. The official
    # text goes on about updates of the service's runtimes.
    logging.warning("LAMBDA_WARNING: Unhandled exception.\r")
