# A greeting with a template of the customer's own; repaired, it is a value of ours.
# packages: jinja2==3.1.6
# oracle: template-injection
# point: /body»json»/greeting
# events: 400
import json

from jinja2 import Environment, TemplateError

environment = Environment(autoescape=True)


def handler(event, context):
    try:
        greeting = str(json.loads(event.get('body') or '{}')['greeting'])
    except (ValueError, KeyError, TypeError):
        return {'statusCode': 400}
    try:
        body = environment.from_string('<p>' + greeting + '</p>').render(name='you')  # fixed: body = environment.from_string('<p>{{ greeting }}</p>').render(greeting=greeting)
    except TemplateError:
        return {'statusCode': 422}
    return {'statusCode': 200, 'body': body}
