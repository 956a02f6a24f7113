"""Documents for XML parsers. Fired: an entity is in the text, or a canary was reached.

No parser here can reach more than this machine: the documents name nothing else.
"""

import io
import xml.etree.ElementTree
import xml.sax
import xml.sax.handler

from cells import run


class Text(xml.sax.handler.ContentHandler):
    def __init__(self):
        super().__init__()
        self.text = ""

    def characters(self, content):
        self.text += content


def sax(cell):
    reader = xml.sax.make_parser()
    reader.setFeature(xml.sax.handler.feature_external_ges, True)
    handler = Text()
    reader.setContentHandler(handler)
    reader.parse(io.StringIO(cell["text"]))
    return handler.text


def contexts():
    from lxml import etree

    def lxml(**options):
        def context(cell):
            root = etree.fromstring(cell["text"].encode(), etree.XMLParser(**options))
            root.getroottree().xinclude()
            return "".join(root.itertext())

        return context

    def plain(cell):
        root = etree.fromstring(cell["text"].encode(), etree.XMLParser(resolve_entities=False))
        return "".join(it for it in root.itertext() if isinstance(it, str))

    return {
        "lxml, entities resolved": lxml(resolve_entities=True, load_dtd=True),
        "lxml, as it comes, XInclude": lxml(),
        "xml.sax with external entities": sax,
        "ElementTree": lambda cell: "".join(xml.etree.ElementTree.fromstring(cell["text"]).itertext()),
        "safe: lxml resolve_entities=False": plain,
    }


run({"xxe": contexts})
