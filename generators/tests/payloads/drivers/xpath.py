"""Texts that become parts of XPath expressions, on lxml.

Fired: nodes are found that a sender without their values must not see.
"""

from cells import run

USERS = """<users>
<user id="1"><name>ann</name><token>t1</token></user>
<user id="2"><name>bob</name><token>t2</token></user>
</users>"""


def contexts():
    from lxml import etree

    root = etree.fromstring(USERS)

    def found(nodes):
        return "fired" if isinstance(nodes, list) and nodes or nodes is True else repr(nodes)

    def path(template):
        # `@` is an axis of XPath, so the place is marked by a dollar.
        return lambda cell: found(root.xpath(template.replace("$", cell["text"])))

    return {
        "//user[name='$']": path("//user[name='$']"),
        "//user[name='$' and token='x']": path("//user[name='$' and token='x']"),
        "//user[token='x' and name='$']": path("//user[token='x' and name='$']"),
        '//user[name="$"]/token': path('//user[name="$"]/token'),
        "//user[@id=$]": path("//user[@id=$]"),
        "//user[@id=$ and token='x']": path("//user[@id=$ and token='x']"),
        "//user[contains(name, '$')]": path("//user[contains(name, '$')]"),
        "//user[name=string('$')]": path("//user[name=string('$')]"),
        "//user[name='$'][token='x']": path("//user[name='$'][token='x']"),
        "//none/$": path("//none/$"),
        "boolean": path("count(//user[name='$']) > 0"),
        "safe: variable": lambda cell: found(root.xpath("//user[name=$name]", name=cell["text"])),
    }


run({"xpath": contexts})
