// SQS: rows that an application calls Records, and a client that is called s3.
// source: sqs
// point: /Records/0/body»json»/Records/0/name
// events: 600
const { execSync, execFileSync } = require('child_process');
const s3 = { upload: async () => ({}) };
exports.handler = async (event) => {
  for (const record of event.Records) {
    const batch = JSON.parse(record.body);
    if (!Array.isArray(batch.Records)) continue;
    for (const row of batch.Records) {
      execSync('echo ' + row.name); // fixed: execFileSync('echo', [String(row.name)]);
    }
    await s3.upload({});
  }
};
