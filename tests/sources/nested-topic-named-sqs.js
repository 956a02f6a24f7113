// SQS: messages of one of several topics.
// source: sqs
// point: /Records/0/body»json»/Message»json»/orderId
// events: 600
const { execSync, execFileSync } = require('child_process');
exports.handler = async (event) => {
  for (const record of event.Records) {
    const body = JSON.parse(record.body);
    if (!body.TopicArn.endsWith(':orders')) continue;
    const { orderId } = JSON.parse(body.Message);
    execSync('echo ' + orderId); // fixed: execFileSync('echo', [String(orderId)]);
  }
};
