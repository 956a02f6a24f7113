// REST API: a filter as JSON in the query.
// source: apigw-rest
// point: /queryStringParameters/filter»json»/dir
// events: 40
const { exec, execFile } = require('child_process');
const { promisify } = require('util');

exports.handler = async (event) => {
  let filter;
  try {
    filter = JSON.parse(event.queryStringParameters.filter);
  } catch {
    return { statusCode: 400, body: 'bad filter' };
  }
  try {
    const { stdout } = await promisify(exec)('ls ' + filter.dir); // fixed: const { stdout } = await promisify(execFile)('ls', ['--', String(filter?.dir)]);
    return { statusCode: 200, body: stdout };
  } catch {
    return { statusCode: 404, body: '' };
  }
};
