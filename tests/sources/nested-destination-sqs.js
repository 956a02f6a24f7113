// SQS: what another function was invoked with.
// source: sqs
// point: /Records/0/body»json»/requestPayload/report/title
// events: 400
const cp = require('child_process');
module.exports.handler = (event, context, callback) => {
  event.Records.forEach(({ body }) => {
    const failed = JSON.parse(body);
    const { requestPayload, responsePayload } = failed;
    cp.execSync('echo ' + requestPayload.report.title); // fixed: console.log(requestPayload.report.title);
  });
  callback(null, 'ok');
};
