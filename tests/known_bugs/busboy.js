// N24 (CVE-2022-24434): an upload, part by part. A header of a part that starts with a space ends the process.
// packages: busboy@0.3.1
// repaired: busboy@1.0.0
// oracle: process-exit
// source: apigw-http
// point: none
// events: 1300
const busboy = require('busboy');
const { Readable } = require('stream');

function read(event) {
  return new Promise((resolve, reject) => {
    const fields = {};
    const headers = { 'content-type': event.headers?.['content-type'] ?? event.headers?.['Content-Type'] };
    const parser = new busboy({ headers, limits: { files: 1 } }); // fixed: const parser = busboy({ headers, limits: { files: 1 } });
    parser.on('file', (name, file) => file.resume());
    parser.on('field', (name, value) => (fields[name] = value));
    parser.on('finish', () => resolve(fields)); // fixed: parser.on('close', () => resolve(fields));
    parser.on('error', reject);
    Readable.from([Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8')]).pipe(parser);
  });
}

exports.handler = async (event) => {
  try {
    const { title } = await read(event);
    return { statusCode: title ? 201 : 422, body: '' };
  } catch {
    return { statusCode: 400, body: '' };
  }
};
