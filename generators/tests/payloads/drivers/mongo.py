"""JSON values that become parts of MongoDB queries, on mongomock.

Fired: a document came although the sender does not know its values.
"""

from cells import run


def contexts():
    import mongomock

    users = mongomock.MongoClient().db.users
    users.insert_many([{"name": "ann", "token": "t1"}, {"name": "bob", "token": "t2"}])

    def found(query):
        return "fired" if list(users.find(query)) else "nothing"

    return {
        "{token: @}": lambda cell: found({"token": cell["value"]}),
        "{name, token: @}": lambda cell: found({"name": "ann", "token": cell["value"]}),
        "{name: @, token: @}": lambda cell: found({"name": cell["value"], "token": cell["value"]}),
        "safe: {token: {$eq: @}}": lambda cell: found({"token": {"$eq": cell["value"]}}),
        "safe: {token: str(@)}": lambda cell: found({"token": str(cell["value"])}),
    }


run({"mongo-operator": contexts})
