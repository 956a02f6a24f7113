"""Texts that become parts of SQL statements, on SQLite.

Fired: the function named by the nonce was called, or more rows came than for a benign text.
"""

import sqlite3

from cells import run

ROWS = [(1, "ann", "s1"), (2, "bob", "s2"), (3, "cat", "s3")]


def database(nonce, called):
    it = sqlite3.connect(":memory:")
    it.execute("CREATE TABLE users (id INTEGER, name TEXT, secret TEXT)")
    it.executemany("INSERT INTO users VALUES (?, ?, ?)", ROWS)
    it.create_function(nonce, 0, lambda: called.append(1) or 1)
    return it


def statement(template, benign="zzz", run=lambda it, sql: it.execute(sql).fetchall()):
    def context(cell):
        called = []
        base = run(database(cell["nonce"], called), template.replace("@", benign)) or []
        try:
            rows = run(database(cell["nonce"], called), template.replace("@", cell["text"])) or []
        except sqlite3.Error as error:
            # What ran before the error has run.
            return "fired" if called else f"error {error}"
        return "fired" if called or len(rows) > len(base) else repr(rows)

    return context


def bound(sql):
    def context(cell):
        called = []
        rows = database(cell["nonce"], called).execute(sql, [cell["text"]]).fetchall()
        return "fired" if called or rows else repr(rows)

    return context


def doubled(cell):
    text = cell["text"].replace("'", "''")
    return statement("SELECT * FROM users WHERE name='@'")({**cell, "text": text})


def script(it, sql):
    it.executescript(sql)


def contexts():
    where = "SELECT * FROM users WHERE "
    return {
        "WHERE name='@'": statement(where + "name='@'"),
        'WHERE name="@"': statement(where + 'name="@"'),
        "WHERE id=@": statement(where + "id=@", "99"),
        "WHERE id>@": statement(where + "id>@", "99"),
        "WHERE name LIKE '%@%'": statement(where + "name LIKE '%@%'"),
        "WHERE name IN ('@')": statement(where + "name IN ('@')"),
        "WHERE id IN (@)": statement(where + "id IN (@)", "99"),
        "WHERE (name='@' AND id=1)": statement(where + "(name='@' AND id=1)"),
        "WHERE name='@' AND secret='x'": statement(where + "name='@' AND secret='x'"),
        "WHERE name=lower('@')": statement(where + "name=lower('@')"),
        "WHERE id BETWEEN @ AND 99": statement(where + "id BETWEEN @ AND 99", "98"),
        "ORDER BY @": statement("SELECT * FROM users ORDER BY @", "id"),
        "ORDER BY id @": statement("SELECT * FROM users ORDER BY id, @", "name"),
        "GROUP BY @": statement("SELECT count(*) FROM users GROUP BY @", "name"),
        "LIMIT @": statement("SELECT * FROM users LIMIT @", "3"),
        "LIMIT 1 OFFSET @": statement("SELECT * FROM users LIMIT 1 OFFSET @", "1"),
        "SELECT @": statement("SELECT @ FROM users", "name"),
        "SELECT `@`": statement("SELECT `@` FROM users", "name"),
        "FROM @": statement("SELECT * FROM @", "users"),
        "VALUES ('@', 1)": statement("INSERT INTO users VALUES (9, '@', 'x') RETURNING id"),
        "VALUES (@)": statement("INSERT INTO users VALUES (@, 'x', 'x') RETURNING id", "9"),
        "SET name='@'": statement("UPDATE users SET name='@' WHERE id=1 RETURNING id"),
        "DELETE WHERE name='@'": statement("DELETE FROM users WHERE name='@' RETURNING id"),
        "WHERE id=1 -- @": statement(where + "id=1 -- @"),
        "/* @ */": statement(where + "id=99 /* @ */"),
        "executescript '@'": statement("SELECT * FROM users WHERE name='@';", run=script),
        "json_extract(x, '$.@')": statement("SELECT json_extract('{}', '$.@')", "a"),
        "HAVING name='@'": statement("SELECT name FROM users GROUP BY name HAVING name='@'"),
        "safe: bound WHERE name=?": bound(where + "name=?"),
        "safe: quotes doubled": doubled,
    }


run({"sql": contexts})
