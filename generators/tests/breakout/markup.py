"""Parses documents: `markup.py CELLS_FILE`.

CELLS_FILE holds a JSON array of [context, text, nonce]; the context begins with what the text is,
`json» …`. Printed are the nonces that have become the name of a member, element or attribute.
"""

import json
import os
import sys
import xml.etree.ElementTree
from html.parser import HTMLParser


def members(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from members(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from members(inner)


def elements(text):
    # Expat wants one root, so a fragment gets one.
    root = xml.etree.ElementTree.fromstring(text if text.startswith("<?") else f"<root>{text}</root>")
    for element in root.iter():
        yield element.tag
        yield from element.keys()


class Page(HTMLParser):
    CDATA_CONTENT_ELEMENTS = ("script", "style", "textarea", "title")

    def __init__(self):
        super().__init__()
        self.names = []

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        self.names.extend(name for name, _value in attrs)


def page(text):
    parser = Page()
    parser.feed(text)
    parser.close()
    return parser.names


RUN = {"json": lambda text: members(json.loads(text)), "xml": elements, "html": page}

with open(sys.argv[1], encoding="utf-8") as file:
    for context, text, nonce in json.load(file):
        try:
            if nonce in list(RUN[context.split("» ")[0]](text)):
                print(nonce)
        except (ValueError, xml.etree.ElementTree.ParseError) as error:
            if os.environ.get("SHOW_ERRORS"):
                print(repr(error), repr(text), file=sys.stderr)
