// SQS: some of the events of a bus.
// source: sqs
// point: /Records/0/body»json»/detail/orderId
// events: 1000
const { execSync, execFileSync } = require('child_process');
exports.handler = async (event) => {
  for (const record of event.Records) {
    const body = JSON.parse(record.body);
    switch (body['detail-type']) {
      case 'OrderPlaced':
        console.log(body.detail.orderId);
        break;
      case 'OrderShipped':
        execSync('echo ' + body.detail.orderId); // fixed: execFileSync('echo', [String(body.detail.orderId)]);
        break;
    }
  }
};
