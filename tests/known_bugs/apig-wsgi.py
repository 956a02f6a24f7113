# P19: the health check of a load balancer does not say over which protocol it came.
# packages: apig-wsgi==2.6.0 flask==2.0.3 werkzeug==2.0.3
# repaired: apig-wsgi==2.7.0 flask==2.0.3 werkzeug==2.0.3
# oracle: unhandled-error
# source: alb
# point: none
# events: 100
from apig_wsgi import make_lambda_handler
from flask import Flask, jsonify

app = Flask(__name__)


@app.route('/', defaults={'path': ''})
@app.route('/<path:path>')
def hello(path):
    return jsonify(length=len(path))


handler = make_lambda_handler(app)
