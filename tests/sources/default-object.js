// REST API: a query that may be missing.
// source: apigw-rest
// point: /queryStringParameters/q
// events: 40
const { execSync, execFileSync } = require('child_process');

exports.handler = async (e) => {
  try { execSync('echo ' + (e.queryStringParameters || {}).q); } catch {} // fixed: try { execFileSync('echo', [(e.queryStringParameters || {}).q ?? '']); } catch {}
  return { statusCode: 200, body: '' };
};
