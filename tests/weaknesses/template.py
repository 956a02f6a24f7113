# A page title with expressions in it.
# oracle: template-injection
# point: /queryStringParameters/title
# events: 400
import re


def handler(event, context):
    title = (event.get('queryStringParameters') or {}).get('title', 'home')
    try:
        title = re.sub(r'\$\{(.*?)\}', lambda it: str(eval(it[1])), title)  # fixed: title = re.sub(r'\$\{(.*?)\}', '', title)
    except Exception:
        return {'statusCode': 422}
    return {'statusCode': 200, 'body': title}
