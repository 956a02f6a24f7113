"""Extreme values. The answer is the text itself if nothing went wrong, else what did."""

import json
import os
import pathlib

from cells import run


def undisturbed(use):
    def context(cell):
        use(cell["text"])
        return cell["text"]

    return context


def if_json(use):
    """Only texts that are JSON at all: what is refused at the door disturbs nobody."""

    def context(cell):
        try:
            value = json.loads(cell["text"])
        except json.JSONDecodeError:
            return cell["text"]
        use(value)
        return cell["text"]

    return context


def quantity(value):
    if isinstance(value, float):
        int(value)


def exists(text):
    try:
        with open(text, encoding="utf-8"):
            pass
    except FileNotFoundError:
        pass


def environment(text):
    os.environ["EVFUZZ_TEXT"] = text


def digits(text):
    if text.isdigit():
        int(text)


def contexts():
    return {
        "json.loads": if_json(lambda value: None),
        "int(json.loads(@))": if_json(quantity),
        "json.dumps without NaN": if_json(lambda value: json.dumps(value, allow_nan=False)),
        "json.loads(@).encode()": if_json(lambda value: str(value).encode()),
        "open(@)": undisturbed(exists),
        "pathlib.Path(@).write_text": undisturbed(
            lambda text: pathlib.Path(text.replace("/", "")).write_text("a")
        ),
        "os.environ": undisturbed(environment),
        "int(@) if it is digits": undisturbed(digits),
        "safe: len(@)": undisturbed(len),
    }


run({"extreme-value": contexts})
