# A default argument is made once, and then shared by all calls.
# oracle: state-leak
# point: /Records/0/body
# events: 400


def collect(text, seen=[]):
    del seen[:-5]  # fixed: seen = []
    seen.append(text[:40])
    return seen


def handler(event, context):
    for record in event['Records']:
        print('seen', [repr(it) for it in collect(record['body'])])
