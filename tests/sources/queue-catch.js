// SQS: an application's texts, beside words that services use too.
// source: sqs
// point: /Records/0/body»json»/id
// events: 400
const { execSync, execFileSync } = require('child_process');
exports.handler = async (event) => {
  const failures = [];
  for (const record of event.Records) {
    try {
      const { id } = JSON.parse(record.body);
      execSync('echo ' + id); // fixed: execFileSync('echo', [String(id)]);
    } catch (error) {
      console.log(error.Message, error.detail);
      failures.push({ itemIdentifier: record.messageId });
    }
  }
  return { batchItemFailures: failures };
};
