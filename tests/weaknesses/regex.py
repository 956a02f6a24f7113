# What stands at the end of a line is taken off, from each place of it anew.
# oracle: cpu-growth
# point: /Records/0/body
# events: 400
import re


def handler(event, context):
    lines = [re.sub(r'\s+$', '', record['body']) for record in event['Records']]  # fixed: lines = [record['body'].rstrip() for record in event['Records']]
    print(len(lines))
