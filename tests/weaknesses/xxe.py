# An order as XML, read by a parser that is told to read everything.
# oracle: xxe
# point: /body
# events: 400
import io
import xml.sax
from xml.sax.handler import ContentHandler, feature_external_ges


class Order(ContentHandler):
    def __init__(self):
        super().__init__()
        self.text = ''

    def characters(self, content):
        self.text += content


def handler(event, context):
    parser = xml.sax.make_parser()
    parser.setFeature(feature_external_ges, True)  # fixed: parser.setFeature(feature_external_ges, False)
    order = Order()
    parser.setContentHandler(order)
    try:
        parser.parse(io.StringIO(event.get('body') or '<order/>'))
    except (xml.sax.SAXException, OSError, ValueError):
        return {'statusCode': 400}
    return {'statusCode': 200, 'body': str(len(order.text))}
