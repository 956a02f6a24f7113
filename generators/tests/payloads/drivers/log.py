"""Texts that are logged. The answer is the log; whether a line is forged is not decided here."""

import contextlib
import io
import json
import logging

from cells import run


def logged(form, argument):
    def context(cell):
        log = io.StringIO()
        logger = logging.Logger("function")
        handler = logging.StreamHandler(log)
        handler.setFormatter(logging.Formatter("[%(levelname)s]\t%(message)s"))
        logger.addHandler(handler)
        logger.info(form, argument(cell["text"]))
        return log.getvalue()

    return context


def printed(cell):
    log = io.StringIO()
    with contextlib.redirect_stdout(log):
        print("user", cell["text"])
    return log.getvalue()


def contexts():
    return {
        "print": printed,
        "logging %s": logged("user %s", lambda text: text),
        "logging of a dict": logged("event %s", lambda text: "name=" + text),
        "safe: logging %r": logged("user %s", ascii),
        "safe: json.dumps": logged("%s", lambda text: json.dumps({"user": text})),
    }


run({"log-injection": contexts})
