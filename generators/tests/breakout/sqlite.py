"""Prepares and runs statements: `sqlite.py CELLS_FILE`.

CELLS_FILE holds a JSON array of [context, text, nonce]. The nonce is an SQL function. SQLite asks
the authorizer about every function that a statement it accepts will call: that is the proof, and
it does not depend on rows or on the order of conditions. The nonces it asked about are printed.
"""

import json
import os
import sqlite3
import sys

TABLES = """
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, role TEXT, age INTEGER);
INSERT INTO users VALUES (1, 'ann', 'admin', 30), (2, 'bob', 'user', 40);
CREATE TABLE items(id INTEGER, owner INTEGER, title TEXT);
INSERT INTO items VALUES (1, 1, 'x');
"""


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        cells = json.load(file)
    for _context, text, nonce in cells:
        asked = set()

        def authorize(action, _first, second, _database, _trigger, asked=asked):
            if action == sqlite3.SQLITE_FUNCTION:
                asked.add(second)
            return sqlite3.SQLITE_OK

        connection = sqlite3.connect(":memory:")
        connection.executescript(TABLES)
        connection.create_function(nonce, 0, lambda: 1)
        connection.set_authorizer(authorize)
        try:
            connection.execute(text).fetchall()
        except sqlite3.Error as error:
            # What is refused was not accepted with the function in it, unless it failed when run.
            if "syntax" in str(error) or "no such" in str(error) or "unrecognized" in str(error):
                asked.clear()
            if os.environ.get("SHOW_ERRORS"):
                print(repr(error), repr(text), file=sys.stderr)
        connection.close()
        if nonce in asked:
            print(nonce)


main()
