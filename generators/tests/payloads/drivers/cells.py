"""What every Python driver does: `DRIVER CLASS CELLS_FILE ANSWER_FILE`.

CELLS_FILE holds `null`, to ask for the names of the contexts, or a list of cells; the answer to
those is a list of texts, one per cell: what came of it.
"""

import json
import signal
import sys


def expire(_number, _frame):
    raise TimeoutError("took too long")


def run(classes, seconds=10):
    """`classes`: for each class a function that makes its contexts, {name: function of a cell}."""
    name, source, answer = sys.argv[1:]
    contexts = classes[name]()
    with open(source, encoding="utf-8") as file:
        cells = json.load(file)
    if cells is None:
        said = list(contexts)
    else:
        signal.signal(signal.SIGALRM, expire)
        said = [one(contexts[cell["context"]], cell, seconds) for cell in cells]
    with open(answer, "w", encoding="utf-8") as file:
        json.dump(said, file)


def one(context, cell, seconds):
    signal.alarm(seconds)
    try:
        said = str(context(cell))
    except BaseException as error:  # a payload may end in any error, SystemExit too
        said = f"error {type(error).__name__}: {error}"
    finally:
        signal.alarm(0)
    return said.encode("utf-8", "replace").decode("utf-8")
