# Words that come twice are counted by looking at all words for each.
# oracle: cpu-growth
# point: /body
# events: 1000


def handler(event, context):
    words = (event.get('body') or '').split(' ')
    twice = [word for word in words if words.count(word) > 1]  # fixed: twice = words[:len(words) - len(set(words))]
    return {'statusCode': 200, 'body': str(len(twice))}
