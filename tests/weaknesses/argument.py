# A pattern becomes an argument of find.
# oracle: argument-injection
# point: /queryStringParameters/folder
# events: 400
import subprocess


def handler(event, context):
    folder = (event.get('queryStringParameters') or {}).get('folder', 'docs')
    if '\0' in folder:
        return {'statusCode': 400}
    found = subprocess.run(['find', folder, '-name', '*.md'], capture_output=True)  # fixed: found = subprocess.run(['find', './' + folder, '-name', '*.md'], capture_output=True)
    return {'statusCode': 200, 'body': str(len(found.stdout))}
