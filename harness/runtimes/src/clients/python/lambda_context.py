# The context object. Functions print it, copy it and look at its class, so names, the order of
# attributes and texts are those of awslambdaric/lambda_context.py 4.2.2.
import json
import logging
import os
import sys
import time

Fault = part("errors").Fault

# What the object shows of the environment, which the function may change at any time.
SHOWN = (
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
)
GROUP, STREAM, NAME, MEMORY, VERSION = tuple(os.fsencode(name) for name in SHOWN)
W3C_FIELDS = ("traceparent", "tracestate", "baggage")


class Seen(object):
    """Raw values of the environment, and the texts that they are: decoding takes long."""

    raw = None
    texts = None


def shown_variables():
    environ = os.environ
    try:
        get = environ._data.get
    except AttributeError:
        # The function has put something else there.
        return [environ.get(name) for name in SHOWN]
    raw = (get(GROUP), get(STREAM), get(NAME), get(MEMORY), get(VERSION))
    if raw != Seen.raw:
        Seen.texts = [environ.get(name) for name in SHOWN]
        Seen.raw = raw
    return Seen.texts


class LambdaContext(object):
    def __init__(self, headers):
        get = headers.get
        client_context = cognito_identity = None
        text = get("lambda-runtime-client-context")
        if text:
            client_context = parse(text, "Client Context")
        text = get("lambda-runtime-cognito-identity")
        if text:
            cognito_identity = parse(text, "Cognito Identity")
        self.aws_request_id = get("lambda-runtime-aws-request-id")
        (
            self.log_group_name,
            self.log_stream_name,
            self.function_name,
            self.memory_limit_in_mb,
            self.function_version,
        ) = shown_variables()
        self.invoked_function_arn = get("lambda-runtime-invoked-function-arn", "")
        self.tenant_id = get("lambda-runtime-aws-tenant-id") or None
        self._w3c_fields = take_w3c(client_context)
        self.client_context = None
        if client_context is not None:
            self.client_context = filled(ClientContext(), client_context)
            if self.client_context.client is not None:
                self.client_context.client = filled(Client(), self.client_context.client)
        self.identity = identity = CognitoIdentity()
        identity.cognito_identity_id = identity.cognito_identity_pool_id = None
        if cognito_identity is not None:
            identity.cognito_identity_id = cognito_identity.get("cognitoIdentityId")
            identity.cognito_identity_pool_id = cognito_identity.get("cognitoIdentityPoolId")
        self._epoch_deadline_time_in_ms = leading_number(get("lambda-runtime-deadline-ms", "0"))

    def get_remaining_time_in_millis(self):
        return max(self._epoch_deadline_time_in_ms - int(time.time() * 1000), 0)

    def w3c(self):
        """The trace context of the invocation, as W3C writes it."""
        return dict(self._w3c_fields)

    def log(self, msg):
        for handler in logging.getLogger().handlers:
            if hasattr(handler, "log_sink"):
                handler.log_sink.log(str(msg))
                return
        sys.stdout.write(str(msg))

    def __repr__(self):
        return described(
            self,
            (
                "aws_request_id",
                "log_group_name",
                "log_stream_name",
                "function_name",
                "memory_limit_in_mb",
                "function_version",
                "invoked_function_arn",
                "client_context",
                "identity",
                "tenant_id",
            ),
        )


class CognitoIdentity(object):
    __slots__ = ["cognito_identity_id", "cognito_identity_pool_id"]

    def __repr__(self):
        return described(self, self.__slots__)


class Client(object):
    __slots__ = [
        "installation_id",
        "app_title",
        "app_version_name",
        "app_version_code",
        "app_package_name",
    ]

    def __repr__(self):
        return described(self, self.__slots__)


class ClientContext(object):
    __slots__ = ["custom", "env", "client"]

    def __repr__(self):
        return described(self, self.__slots__)


def described(record, names):
    fields = ",".join(["%s=%s" % (name, getattr(record, name)) for name in names])
    return "%s([%s])" % (record.__class__.__name__, fields)


def filled(record, values):
    # Anything but a JSON object fails here, as it does in the official client: an AttributeError
    # that is reported as the function's.
    for name in record.__slots__:
        setattr(record, name, values.get(name))
    return record


def take_w3c(client_context):
    if not isinstance(client_context, dict) or "w3c" not in client_context:
        return {}
    fields = client_context.pop("w3c")
    if not isinstance(fields, dict):
        return {}
    return {name: fields[name] for name in W3C_FIELDS if isinstance(fields.get(name), str)}


def leading_number(text):
    # strtoul in the official client: what is no number is 0.
    try:
        return int(text)
    except ValueError:
        digits = text.lstrip()
        length = len(digits) - len(digits.lstrip("0123456789"))
        return int(digits[:length] or 0)


def parse(text, title):
    try:
        return json.loads(text)
    except Exception as error:
        raise Fault(
            "Runtime.LambdaContextUnmarshalError",
            "Unable to parse %s JSON: %s" % (title, error),
        )
