"""Evaluates texts: `python.py CELLS_FILE`.

CELLS_FILE holds a JSON array of [context, text, nonce]; the context begins with how the text is
run, `eval» …`. Every nonce is a built-in function; the nonces that were called are printed.
"""

import builtins
import json
import os
import signal
import sys


def scope():
    return {"x": 1, "f": lambda *values, **names: values[0] if values else None}


def run(text):
    names = scope()
    exec(text, names)
    return names


RUN = {
    "eval": lambda text: eval(text, scope()),
    "exec": run,
    "call": lambda text: run(text)["call"](),
    "locals": lambda text: eval(text, scope(), {}),
    "compile": lambda text: eval(compile(text, "event", "eval"), scope()),
}


def expire(_number, _frame):
    raise TimeoutError


def canary(nonce, fired):
    def call(*_arguments):
        fired.append(nonce)
        return 1

    return call


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        cells = json.load(file)
    signal.signal(signal.SIGALRM, expire)
    fired = []
    for context, text, nonce in cells:
        setattr(builtins, nonce, canary(nonce, fired))
        signal.alarm(5)
        try:
            RUN[context.split("» ")[0]](text)
        except BaseException as error:  # it may end in any error
            if os.environ.get("SHOW_ERRORS"):
                print(repr(error), repr(text), file=sys.stderr)
        finally:
            signal.alarm(0)
    print("\n".join(fired))


main()
