# A rule that is evaluated without its parentheses, so nothing in it can be called.
# oracle: code-evaluation
# point: /body»json»/rule
# events: 300
import json


def evaluate(rule, total):
    try:
        return eval(rule, {'__builtins__': {}}, {'total': total})  # fixed: return total > float(rule)
    except Exception:
        return None


def handler(event, context):
    try:
        rule = str(json.loads(event.get('body') or '{}').get('rule', 'total'))
    except (ValueError, AttributeError):
        return {'statusCode': 400}
    for taken in '()[]':
        rule = rule.replace(taken, '')
    return {'statusCode': 200, 'body': str(evaluate(rule, 3))}
