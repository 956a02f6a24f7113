# A cookie that remembers a choice.
# oracle: header-injection
# point: /body»json»/theme
# events: 300
import json
from urllib.parse import quote


def handler(event, context):
    try:
        theme = str(json.loads(event.get('body') or '{}').get('theme', 'light'))
    except (ValueError, AttributeError):
        return {'statusCode': 400}
    cookie = 'theme=' + theme  # fixed: cookie = 'theme=' + quote(theme, errors='replace')
    return {'statusCode': 204, 'multiValueHeaders': {'Set-Cookie': [cookie]}}
