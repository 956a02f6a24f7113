# P27: no request of a REST API without a body is answered (seen here: bytes are joined to text).
# packages: aws-wsgi==0.0.6 flask==2.0.3 werkzeug==2.0.3
# repaired: aws-wsgi==0.0.7 flask==2.0.3 werkzeug==2.0.3
# oracle: unhandled-error
# source: apigw-rest
# point: none
# events: 60
# verdict: fails
import awsgi
from flask import Flask, jsonify

app = Flask(__name__)


@app.route('/', defaults={'path': ''})
@app.route('/<path:path>')
def hello(path):
    return jsonify(length=len(path))


def handler(event, context):
    return awsgi.response(app, event, context)
