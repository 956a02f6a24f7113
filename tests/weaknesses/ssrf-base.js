// A path below a fixed address, joined as URLs are.
// oracle: ssrf
// point: /queryStringParameters/path
// events: 400
const http = require('http');

exports.handler = async (event) => {
  const path = event.queryStringParameters?.path ?? 'status';
  let url;
  try {
    url = new URL(path, 'http://api.invalid/v1/'); // fixed: url = new URL(encodeURIComponent(path), 'http://api.invalid/v1/');
  } catch {
    return { statusCode: 400 };
  }
  if (url.protocol !== 'http:') return { statusCode: 400 };
  return new Promise((done) => {
    http
      .get(url, (answer) => done({ statusCode: answer.resume().statusCode }))
      .on('error', () => done({ statusCode: 502 }));
  });
};
