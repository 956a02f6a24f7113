// A report is read by its name.
// oracle: path-traversal
// point: /queryStringParameters/report
// events: 400
const fs = require('fs');
const path = require('path');

const folder = '/tmp/reports';
fs.mkdirSync(folder, { recursive: true });
fs.writeFileSync(`${folder}/daily.txt`, 'all is well');

exports.handler = async (event) => {
  const report = event.queryStringParameters?.report ?? 'daily.txt';
  const file = folder + '/' + report; // fixed: const file = path.join(folder, path.basename(report));
  try {
    return { statusCode: 200, body: fs.readFileSync(file, 'utf8') };
  } catch {
    return { statusCode: 404, body: 'no such report' };
  }
};
