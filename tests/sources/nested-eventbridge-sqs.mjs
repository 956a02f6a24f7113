// SQS: events of a bus.
// source: sqs
// point: /Records/0/body»json»/detail/customer/name
// events: 300
import { execSync } from 'node:child_process';
export const handler = async (event) => {
  const batchItemFailures = [];
  for (const record of event.Records) {
    try {
      const busEvent = JSON.parse(record.body);
      if (busEvent['detail-type'] !== 'Order Placed') continue;
      const { customer } = busEvent.detail;
      execSync(`printf '%s' ${customer.name}`); // fixed: console.log(customer.name);
    } catch (e) {
      batchItemFailures.push({ itemIdentifier: record.messageId });
    }
  }
  return { batchItemFailures };
};
