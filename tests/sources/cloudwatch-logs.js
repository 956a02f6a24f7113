// CloudWatch Logs: alarms for lines in JSON.
// source: cloudwatch-logs
// point: /awslogs/data»base64»gzip»json»/logEvents/0/message»json»/host
// events: 40
const zlib = require('zlib');
const { promisify } = require('util');
const { exec, execFile } = require('child_process');

const gunzip = promisify(zlib.gunzip);

exports.handler = async (event) => {
  const payload = Buffer.from(event.awslogs.data, 'base64');
  const { logGroup, logEvents } = JSON.parse((await gunzip(payload)).toString('utf8'));
  for (const { message } of logEvents) {
    let line;
    try { line = JSON.parse(message); } catch { continue; }
    if (!line?.host) continue;
    await new Promise((done) => exec(`ping -c 1 ${line.host}`, done)); // fixed: await new Promise((done) => execFile('true', [String(line.host).replaceAll('\0', '')], done));
  }
  return logGroup;
};
