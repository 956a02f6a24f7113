// SQS: objects of a bucket, through a topic.
// source: sqs
// point: /Records/0/body»json»/Message»json»/Records/0/s3/object/key»s3-key»
// events: 400
const { execSync, execFileSync } = require('child_process');
exports.handler = async (event) => {
  const out = [];
  for (const record of event.Records) {
    const envelope = JSON.parse(record.body);
    const notification = JSON.parse(envelope.Message);
    for (const r of notification.Records || []) {
      const key = decodeURIComponent(r.s3.object.key.replace(/\+/g, ' '));
      out.push(execSync(`echo converting "${key}"`).toString()); // fixed: out.push(execFileSync('echo', ['converting', key.replace(/\0/g, '')]).toString());
    }
  }
  return out;
};
