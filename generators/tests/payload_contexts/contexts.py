"""Lands payloads in Python source contexts: `contexts.py CELLS_FILE`.

CELLS_FILE holds one JSON array of [context, text] pairs. Without an argument the names of the
contexts are printed. Whether a cell fired is read from the canaries, not from here.
"""

import builtins
import json
import os
import signal
import sys


def source(template):
    return lambda text: eval(template.replace("@", text), {"x": 1})


def statement(template):
    def run(text):
        scope = {"x": 1}
        exec(template.replace("@", text), scope)
        return scope.get("call", lambda: 0)()

    return run


def without_builtins(template):
    return lambda text: eval(template.replace("@", text), {"__builtins__": {}}, {"x": 1})


CONTEXTS = {
    "eval @": source("@"),
    "exec @": statement("@"),
    "exec x = @": statement("x = @"),
    "str('@')": source("str('@')"),
    'str("@")': source('str("@")'),
    "[@]": source("[@]"),
    "max(1,@)": source("max(1,@)"),
    "(@)+1": source("(@)+1"),
    "'''@'''": source("'''@'''"),
    '"""@"""': source('"""@"""'),
    "f'pre @ post'": source("f'pre @ post'"),
    'f"pre @ post"': source('f"pre @ post"'),
    "{}.get('@')": source("{}.get('@')"),
    '{}.get("@")': source('{}.get("@")'),
    "1 < @": source("1 < @"),
    "(lambda x: @)(1)": source("(lambda x: @)(1)"),
    "str.@": source("str.@"),
    "def call(): @": statement("def call():\n    y = 1\n    return @\n"),
    "# @": statement("x = 1 # @\nx = 2\n"),
    "{'a': @}": source("{'a': @}"),
    "if x == '@':": statement("if x == '@':\n    x = 2\n"),
    "if @:": statement("if @:\n    x = 2\n"),
    "eval @ locals only": lambda text: eval(text, globals(), {}),
    "no builtins @": without_builtins("@"),
    "no builtins '@'": without_builtins("x == '@'"),
    'no builtins "@"': without_builtins('x == "@"'),
    "dispatch cls(eval(@))": lambda text: (int if text else str)(eval(text)),
    "compile eval": lambda text: eval(compile(text, "event", "eval")),
}


def expire(_number, _frame):
    raise TimeoutError


def main():
    if len(sys.argv) < 2:
        print(json.dumps(list(CONTEXTS)))
        return
    with open(sys.argv[1], encoding="utf-8") as file:
        cells = json.load(file)
    signal.signal(signal.SIGALRM, expire)
    kept = dict(vars(builtins))
    for context, text in cells:
        signal.alarm(5)
        try:
            CONTEXTS[context](text)
        except BaseException:  # a payload may end in any error, SystemExit too
            pass
        finally:
            signal.alarm(0)
            vars(builtins).update(kept)


main()
