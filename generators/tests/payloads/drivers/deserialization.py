"""Readers of serialized objects in Python. Fired: the canary ran."""

import base64
import io
import pickle

from cells import run


class Plain(pickle.Unpickler):
    """As the documentation of pickle says to do it: no globals at all."""

    def find_class(self, module, name):
        raise pickle.UnpicklingError(f"{module}.{name} is forbidden")


def contexts():
    import jsonpickle
    import yaml

    return {
        "pickle.loads": lambda cell: pickle.loads(cell["text"].encode()),
        "pickle.loads of base64": lambda cell: pickle.loads(base64.b64decode(cell["text"], validate=True)),
        "pickle.Unpickler.load": lambda cell: pickle.Unpickler(io.BytesIO(cell["text"].encode())).load(),
        "pickle in Python code": lambda cell: pickle._loads(cell["text"].encode()),
        "yaml.unsafe_load": lambda cell: yaml.unsafe_load(cell["text"]),
        "yaml.load UnsafeLoader": lambda cell: yaml.load(cell["text"], Loader=yaml.UnsafeLoader),
        "yaml.load_all Loader": lambda cell: list(yaml.load_all(cell["text"], Loader=yaml.Loader)),
        "jsonpickle.decode": lambda cell: jsonpickle.decode(cell["text"]),
        "safe: yaml.safe_load": lambda cell: yaml.safe_load(cell["text"]),
        "safe: Unpickler without globals": lambda cell: Plain(io.BytesIO(cell["text"].encode())).load(),
    }


run({"deserialization": contexts})
