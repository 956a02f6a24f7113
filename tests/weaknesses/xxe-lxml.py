# A document in a message, read by lxml as it was before release 5.
# oracle: xxe
# point: /Records/0/body
# events: 400
# packages: lxml==6.1.3
from lxml import etree


def handler(event, context):
    failures = []
    for record in event['Records']:
        parser = etree.XMLParser(resolve_entities=True)  # fixed: parser = etree.XMLParser(resolve_entities=False, no_network=True)
        try:
            root = etree.fromstring(record['body'].encode(), parser)
            print(len(root.text or ''), 'characters')
        except (etree.XMLSyntaxError, ValueError):
            failures.append({'itemIdentifier': record['messageId']})
    return {'batchItemFailures': failures}
