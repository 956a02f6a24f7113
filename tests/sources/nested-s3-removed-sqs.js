// SQS: objects that were removed from a bucket.
// source: sqs
// point: /Records/0/body»json»/Records/0/s3/object/key»s3-key»
// events: 600
const { execSync, execFileSync } = require('child_process');
exports.handler = async (event) => {
  for (const record of event.Records) {
    const body = JSON.parse(record.body);
    for (const r of body.Records || []) {
      if (!r.eventName.startsWith('ObjectRemoved:')) continue;
      const path = '/tmp/cache/' + decodeURIComponent(r.s3.object.key.replace(/\+/g, ' '));
      execSync('echo ' + path); // fixed: execFileSync('echo', [path]);
    }
  }
};
