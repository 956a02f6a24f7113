// SQS: messages of a topic.
// source: sqs
// point: /Records/0/body»json»/Message»json»/notify/channel
// events: 300
const { exec, execFile } = require('child_process');
const { promisify } = require('util');
const run = promisify(exec);
const runFile = promisify(execFile);
exports.handler = async ({ Records }) => {
  for (const { body } of Records) {
    const { Message, TopicArn } = JSON.parse(body);
    const { orderId, notify: { channel } = {} } = JSON.parse(Message);
    console.log('from', TopicArn, orderId);
    await run(`echo ${channel}`); // fixed: await runFile('echo', [String(channel)]);
  }
};
