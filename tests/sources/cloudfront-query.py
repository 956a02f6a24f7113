# CloudFront: resizes by the query.
# source: cloudfront
# point: /Records/0/cf/request/querystring»form»/d
# events: 40
import os
from urllib.parse import parse_qs


def lambda_handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    params = {k: v[0] for k, v in parse_qs(request["querystring"]).items()}
    size = params.get("d", "100x100")
    os.system("resize " + size)  # fixed: os.spawnlp(os.P_WAIT, "true", "true", size.replace("\0", ""))
    request["uri"] = request["uri"].replace("/images/", "/cached/")
    return request
