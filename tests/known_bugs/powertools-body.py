# P2: a GET of an HTTP API has no body at all.
# packages: aws-lambda-powertools==2.35.1
# repaired: aws-lambda-powertools==2.36.0
# oracle: unhandled-error
# source: apigw-http
# point: none
# events: 100
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

app = APIGatewayHttpResolver()


@app.route('.*', method=['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])
def echo():
    body = app.current_event.decoded_body
    return {'length': len(body or '')}


def handler(event, context):
    return app.resolve(event, context)
