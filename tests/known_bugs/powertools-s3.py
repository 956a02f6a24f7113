# P8: an object that was deleted has neither size nor eTag.
# packages: aws-lambda-powertools==1.29.2 pydantic==1.10.13 email-validator==2.1.0
# repaired: aws-lambda-powertools==2.5.0 pydantic==1.10.13 email-validator==2.1.0
# oracle: unhandled-error
# source: s3
# point: none
# says: object -> size
# events: 100
from aws_lambda_powertools.utilities.parser import parse
from aws_lambda_powertools.utilities.parser.models import S3Model


def handler(event, context):
    for record in parse(event=event, model=S3Model).Records:
        print(record.eventName, record.s3.object.key)
