# P12: a token without scopes.
# packages: aws-lambda-powertools==2.20.0 pydantic==1.10.13 email-validator==2.1.0
# repaired: aws-lambda-powertools==2.26.1 pydantic==1.10.13 email-validator==2.1.0
# oracle: unhandled-error
# source: apigw-http
# point: none
# says: scopes
# events: 100
from aws_lambda_powertools.utilities.parser import parse
from aws_lambda_powertools.utilities.parser.models import APIGatewayProxyEventV2Model


def handler(event, context):
    request = parse(event=event, model=APIGatewayProxyEventV2Model)
    return {'statusCode': 200, 'body': request.requestContext.http.method}
