# P1: an answer that is packed if the client likes that. The test button of the console sends no headers.
# packages: aws-lambda-powertools==1.26.5
# repaired: aws-lambda-powertools==1.26.7
# oracle: unhandled-error
# grade: forged
# source: apigw-rest
# point: /headers is null
# says: 'NoneType' object
# events: 1800
from aws_lambda_powertools.event_handler import APIGatewayRestResolver

app = APIGatewayRestResolver()


@app.get('.*', compress=True)
def hello():
    return {'message': 'hello'}


def handler(event, context):
    if event['httpMethod'] != 'GET':
        return {'statusCode': 405, 'body': ''}
    return app.resolve(event, context)
