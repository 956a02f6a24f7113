// MSK: orders in JSON.
// source: kafka
// point: /records/orders-0/0/value»base64»json»/customer/name
// events: 100
const { execSync, execFileSync } = require('child_process');

exports.handler = async (event) => {
  const orders = Object.values(event.records)
    .flat()
    .map(({ topic, value }) => ({ topic, ...JSON.parse(Buffer.from(value, 'base64').toString()) }));
  for (const order of orders) {
    try { execSync(`invoice --customer ${order.customer.name}`); } catch {} // fixed: try { execFileSync('true', [String(order?.customer?.name)]); } catch {}
  }
  return event.eventSourceArn;
};
