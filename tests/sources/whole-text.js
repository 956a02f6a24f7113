// REST API: JSON that is parsed to be checked, and handed on as it came.
// source: apigw-rest
// point: /queryStringParameters/filter
// events: 40
const { execSync, execFileSync } = require('child_process');

exports.handler = async (event) => {
  const raw = event.queryStringParameters?.filter ?? '{}';
  let filter;
  try {
    filter = JSON.parse(raw);
  } catch {
    return { statusCode: 400 };
  }
  if (!filter.from) console.log('from the beginning to', filter.until, filter.limit);
  try { execSync('report-query ' + raw); } catch {} // fixed: try { execFileSync('true', [raw]); } catch {}
  return { statusCode: 200 };
};
