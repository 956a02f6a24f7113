// Firehose: transforms records.
// source: firehose
// point: /records/0/data»base64»json»/ip
// events: 40
const { execSync, execFileSync } = require('child_process');

const decode = (data) => JSON.parse(Buffer.from(data, 'base64').toString('utf8'));

exports.handler = async (event) => ({
  records: event.records.map((record) => {
    try {
      const { ip, ...rest } = decode(record.data);
      const country = execSync(`geoiplookup ${ip}`).toString(); // fixed: const country = execFileSync('true', [String(ip)]).toString();
      const data = Buffer.from(JSON.stringify({ ...rest, country })).toString('base64');
      return { recordId: record.recordId, result: 'Ok', data };
    } catch {
      return { recordId: record.recordId, result: 'ProcessingFailed', data: record.data };
    }
  }),
});
