# P3: a load balancer that sends all values of a header has no member with one of each.
# packages: aws-lambda-powertools==2.14.1
# repaired: aws-lambda-powertools==2.16.1
# oracle: unhandled-error
# source: alb-multi
# point: none
# events: 100
from aws_lambda_powertools.event_handler import ALBResolver, CORSConfig

app = ALBResolver(cors=CORSConfig())


@app.get('.*')
def hello():
    return {'agent': app.current_event.get_header_value('user-agent', default_value='none')}


def handler(event, context):
    return app.resolve(event, context)
