# Drivers of databases and SDKs, for the observer: which methods of which modules are looked at, once a function loads one.
#
# Nothing is imported from here. A finder that finds nothing itself lets the others find a module that is known here, and
# wraps the methods once its own code has run. Values that are bound apart are not told of.

import functools
import gc
import sys

STATEMENTS = ("execute", "executemany")
FILTERS = (
    "find",
    "find_one",
    "find_one_and_delete",
    "find_one_and_replace",
    "find_one_and_update",
    "update_one",
    "update_many",
    "replace_one",
    "delete_one",
    "delete_many",
    "count_documents",
    "aggregate",
)
ASYNCPG = ("execute", "executemany", "fetch", "fetchrow", "fetchval", "prepare")

# By module: class, what kind of call it is, its methods.
MODULES = {
    "psycopg2._psycopg": [("cursor", "postgresql", STATEMENTS)],
    "psycopg.cursor": [("Cursor", "postgresql", STATEMENTS)],
    "psycopg.cursor_async": [("AsyncCursor", "postgresql", STATEMENTS)],
    "pg8000.legacy": [("Cursor", "postgresql", STATEMENTS)],
    "pg8000.native": [("Connection", "postgresql", ("run", "prepare"))],
    "asyncpg.connection": [("Connection", "postgresql", ASYNCPG)],
    "pymysql.cursors": [("Cursor", "mysql", STATEMENTS)],
    "aiomysql.cursors": [("Cursor", "mysql", STATEMENTS)],
    "MySQLdb.cursors": [("BaseCursor", "mysql", STATEMENTS)],
    "mysql.connector.cursor": [("MySQLCursor", "mysql", STATEMENTS)],
    "mysql.connector.cursor_cext": [("CMySQLCursor", "mysql", STATEMENTS)],
    "pymongo.collection": [("Collection", "filter", FILTERS)],
    "pymongo.synchronous.collection": [("Collection", "filter", FILTERS)],
    "pymongo.asynchronous.collection": [("AsyncCollection", "filter", FILTERS)],
    "botocore.client": [("BaseClient", "request", ("_make_api_call",))],
    "aiobotocore.client": [("AioBaseClient", "request", ("_make_api_call",))],
}

# Expressions of DynamoDB ("Using expressions in DynamoDB" in its Developer Guide).
EXPRESSIONS = frozenset(
    (
        "KeyConditionExpression",
        "FilterExpression",
        "ConditionExpression",
        "UpdateExpression",
        "ProjectionExpression",
    )
)
# The parameter with a statement, and whose statement it is, by the name of the service.
REQUESTS = {
    "dynamodb": ("Statement", "partiql"),
    "rds-data": ("sql", "unknown"),
    "redshift-data": ("Sql", "postgresql"),
    "athena": ("QueryString", "unknown"),
    "timestream-query": ("QueryString", "unknown"),
}
# What has values in it, which are bound.
BOUND = frozenset(
    ("ExpressionAttributeValues", "ExpressionAttributeNames", "Parameters", "parameters", "Item", "Key")
)

# How far an argument is looked through.
DEEPEST = 12
MOST_MEMBERS = 500


def watch(word, text_of, tell, encode, miss):
    """Returns what is to be done when sqlite3 connects. The arguments are the observer's."""

    def statement(engine):
        def look(self, text=None, *_, **named):
            # psycopg2, psycopg and pymysql call it `query`, mysql.connector and pg8000 otherwise.
            for name in ("query", "operation", "sql"):
                if text is None:
                    text = named.get(name)
            if isinstance(text, (str, bytes)):
                text = text_of(text)
                if word(text):
                    tell(kind="statement", engine=engine, text=text)

        return look

    def filtered(self, filter=None, *_, **named):
        if filter is None:
            filter = named.get("pipeline")
        left = [MOST_MEMBERS]

        def plain(value, depth):
            left[0] -= 1
            if left[0] < 0 or depth > DEEPEST:
                return None
            # Of the built-in type, not of one that the function may have made of it.
            if isinstance(value, dict):
                return {str.__str__(key): plain(it, depth + 1) for key, it in dict.items(value) if isinstance(key, str)}
            if type(value) in (list, tuple):
                return [plain(it, depth + 1) for it in value]
            return value if type(value) in (str, int, float, bool) else None

        if isinstance(filter, (dict, list)):
            text = text_of(encode(plain(filter, 0)))
            if word(text):
                tell(kind="filter", text=text)

    def requested(self, operation=None, parameters=None, *_, **__):
        known = REQUESTS.get(self.meta.service_model.service_name)
        if known is None:
            return
        left = [MOST_MEMBERS]

        def walk(value, depth):
            left[0] -= 1
            if left[0] < 0 or depth > DEEPEST:
                return
            if type(value) is list:
                for it in value:
                    walk(it, depth + 1)
            elif type(value) is dict:
                for name, it in value.items():
                    if name in BOUND:
                        continue
                    if not isinstance(it, str):
                        walk(it, depth + 1)
                    elif name == known[0]:
                        text = text_of(it)
                        if word(text):
                            tell(kind="statement", engine=known[1], text=text)
                    elif name in EXPRESSIONS and known[1] == "partiql":
                        text = text_of(it)
                        if word(text):
                            tell(kind="expression", member=name, text=text)

        walk(parameters, 0)

    def wrap(owner, name, look):
        original = owner.__dict__.get(name)
        if original is None:
            return

        @functools.wraps(original)
        def method(*args, **named):
            try:
                look(*args, **named)
            except Exception:
                miss()
            return original(*args, **named)

        try:
            setattr(owner, name, method)
        except TypeError:
            # Types of C code let nobody change them; nobody has looked this up yet, so no cache knows it.
            for members in gc.get_referents(owner.__dict__):
                if type(members) is dict and members.get(name) is original:
                    members[name] = method

    def look_of(kind):
        return {"filter": filtered, "request": requested}.get(kind) or statement(kind)

    def patch(module):
        for class_name, kind, methods in MODULES[module.__name__]:
            owner = getattr(module, class_name, None)
            for name in methods if isinstance(owner, type) else ():
                wrap(owner, name, look_of(kind))

    class Finder:
        """Finds nothing by itself."""

        busy = False

        def find_spec(self, name, path=None, target=None):
            if name not in MODULES or self.busy:
                return None
            self.busy = True
            try:
                specs = (it.find_spec(name, path, target) for it in list(sys.meta_path) if it is not self)
                spec = next((it for it in specs if it is not None), None)
            finally:
                self.busy = False
            loader = getattr(spec, "loader", None)
            if loader is None or not hasattr(loader, "exec_module"):
                return spec
            run = loader.exec_module

            def exec_module(module):
                vars(loader).pop("exec_module", None)
                run(module)
                try:
                    patch(module)
                except Exception:
                    miss()

            try:
                loader.exec_module = exec_module
            except AttributeError:
                miss()
            return spec

    sys.meta_path.insert(0, Finder())

    done = []

    def sqlite(*_):
        module = sys.modules.get("_sqlite3")
        if done or module is None:
            return
        done.append(True)
        # In old versions the methods of a connection call those of a cursor, and it is told twice.
        for owner in (module.Connection, module.Cursor):
            for name in ("execute", "executemany", "executescript"):
                wrap(owner, name, statement("sqlite"))

    return sqlite
