// Firehose: lines of a log group.
// source: firehose
// point: /records/0/data»base64»gzip»json»/logEvents/0/message»json»/user
// events: 300
const zlib = require('zlib');
const { execSync } = require('child_process');
exports.handler = async (event) => ({
  records: event.records.map((record) => {
    const data = JSON.parse(zlib.gunzipSync(Buffer.from(record.data, 'base64')).toString('utf8'));
    if (data.messageType !== 'DATA_MESSAGE') return { recordId: record.recordId, result: 'Dropped' };
    const lines = data.logEvents.map((e) => JSON.parse(e.message).user);
    execSync('echo ' + lines.join(' ')); // fixed: console.log(lines.join(' '));
    return { recordId: record.recordId, result: 'Ok', data: record.data };
  }),
});
