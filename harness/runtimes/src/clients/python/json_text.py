# Events from JSON, results to JSON: by the rules of the official client, which uses simplejson.
import decimal
import json.decoder
import json.encoder
import os

Fault = part("errors").Fault

# awslambdaric/lambda_runtime_marshaller.py 4.2.2: the variable decides, not the interpreter.
WRITES_CHARACTERS = (
    "AWS_Lambda_python3.12",
    "AWS_Lambda_python3.13",
    "AWS_Lambda_python3.14",
    "AWS_Lambda_python3.15",
)


# -------------------------------------------------------------------------------------------------
# Reading.


def refuse_constant(name):
    # simplejson 3.19 and newer reads neither NaN nor Infinity.
    raise json.decoder.JSONDecodeError("Expecting value", name, 0)


decoder = json.decoder.JSONDecoder(parse_constant=refuse_constant)
scan_once = decoder.scan_once


def read(text):
    try:
        value, end = scan_once(text, 0)
        if end == len(text):
            return value
    except StopIteration:
        pass
    # simplejson skips a byte order mark, in either of two disguises.
    for mark in ("\ufeff", "\xef\xbb\xbf"):
        if text.startswith(mark):
            return decoder.decode(text[len(mark) :])
    return decoder.decode(text)


def unmarshal(body, content_type):
    """The event. Any other type than JSON's, even one with a charset, is handed over as bytes.

    The official client crashes if there is no type. Which words describe text that is not JSON
    is the library's affair: the service checks events before it delivers them.
    """
    if content_type != "application/json" and content_type:
        return body
    try:
        return read(body.decode("utf-8"))
    except RecursionError as error:
        # The two libraries agree but for one word.
        text = str(error).replace("from a unicode string", "from a string")
        raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % text)
    except Exception as error:
        raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error)


# -------------------------------------------------------------------------------------------------
# Writing.

SCALARS = frozenset((str, int, float, bool, type(None)))
are_scalars = SCALARS.issuperset


def is_plain(value):
    """Whether the two libraries agree on it: nothing is in it but the types of JSON itself."""
    seen = set()
    waiting = [value]
    while waiting:
        node = waiting.pop()
        kind = type(node)
        if kind is dict:
            inside = node.values()
        elif kind is list or kind is tuple:
            inside = node
        elif kind in SCALARS:
            continue
        else:
            return False
        if are_scalars(map(type, inside)) or id(node) in seen:
            continue
        seen.add(id(node))
        waiting.extend([item for item in inside if type(item) not in SCALARS])
    return True


def unexpected(value):
    raise TypeError("Object of type %s is not JSON serializable" % value.__class__.__name__)


class Encoder(object):
    def __init__(self, quote):
        self.quote = quote
        self.fast = self._fast()

    def _fast(self):
        # As json.JSONEncoder makes it, but once, and whatever the function does to that class.
        return json.encoder.c_make_encoder(
            {}, unexpected, self.quote, None, ": ", ", ", False, False, True
        )

    def encode(self, value):
        if is_plain(value):
            if type(value) is str:
                return self.quote(value)
            try:
                return "".join(self.fast(value, 0))
            except TypeError:
                # The type of a key: bytes, or one to complain about in simplejson's words.
                self.fast = self._fast()
            except BaseException:
                # It remembers what it was in the middle of.
                self.fast = self._fast()
                raise
        chunks = []
        self.write(value, chunks.append, set())
        return "".join(chunks)

    def write(self, value, put, open_nodes):
        """What simplejson does with types that the standard library knows otherwise or not."""
        if isinstance(value, (str, bytes)):
            put(self.quote(text_of(value)))
        elif value is None or value is True or value is False:
            put({None: "null", True: "true", False: "false"}[value])
        elif isinstance(value, int):
            put(int.__repr__(value))
        elif isinstance(value, float):
            put(float_text(value))
        else:
            fields = named_fields(value)
            if fields is not None:
                self.write_within(value, fields[0], put, open_nodes)
            else:
                self.write_within(value, value, put, open_nodes)

    def write_within(self, origin, value, put, open_nodes):
        if id(origin) in open_nodes:
            raise ValueError("Circular reference detected")
        open_nodes.add(id(origin))
        if isinstance(value, (list, tuple)):
            self.write_array(value, put, open_nodes)
        elif isinstance(value, dict):
            self.write_object(value, put, open_nodes)
        elif isinstance(value, decimal.Decimal):
            # awslambdaric: digits as they are; all kinds of NaN are the same.
            put("NaN" if value.is_nan() else str(value))
        else:
            unexpected(value)
        open_nodes.discard(id(origin))

    def write_array(self, value, put, open_nodes):
        between = "["
        for item in value:
            put(between)
            between = ", "
            self.write(item, put, open_nodes)
        put("[]" if between == "[" else "]")

    def write_object(self, value, put, open_nodes):
        between = "{"
        for key, item in value.items() if value else ():
            put(between)
            between = ", "
            put(self.quote(key_text(key)))
            put(": ")
            self.write(item, put, open_nodes)
        put("{}" if between == "{" else "}")


def text_of(value):
    return str(value, "utf-8") if isinstance(value, bytes) else value


def float_text(value):
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return float.__repr__(value)


def key_text(key):
    if isinstance(key, (str, bytes)):
        return text_of(key)
    if isinstance(key, float):
        return float_text(key)
    if key is None or key is True or key is False:
        return {None: "null", True: "true", False: "false"}[key]
    if isinstance(key, int):
        return int.__repr__(key)
    raise TypeError(
        "keys must be str, int, float, bool or None, not %s" % key.__class__.__name__
    )


def named_fields(value):
    """What `_asdict()` returns, in a tuple: namedtuples are objects, as is all that looks alike."""
    method = getattr(value, "_asdict", None)
    if not callable(method):
        return None
    try:
        fields = method()
    except TypeError:
        return None
    if not isinstance(fields, dict):
        raise TypeError("_asdict() must return a dict, not %s" % type(fields).__name__)
    return (fields,)


ESCAPING = Encoder(json.encoder.encode_basestring_ascii)
WRITING_CHARACTERS = Encoder(json.encoder.encode_basestring)


def encoder_of_now():
    characters = os.environ.get("AWS_EXECUTION_ENV") in WRITES_CHARACTERS
    return WRITING_CHARACTERS if characters else ESCAPING


# Answers keep to what the variable said before the function was loaded; errors do not.
response_encoder = encoder_of_now()


def marshal(response):
    """The body of an answer and its type."""
    if isinstance(response, bytes):
        return response, "application/unknown"
    try:
        return response_encoder.encode(response), "application/json"
    except Exception as error:
        raise Fault("Runtime.MarshalError", "Unable to marshal response: %s" % error)


def to_json(value):
    return encoder_of_now().encode(value)
