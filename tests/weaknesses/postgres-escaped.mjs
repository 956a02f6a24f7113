// A client from a module; repaired, the value is escaped by the driver's own function.
// packages: pg@8.16.3
// oracle: sql-injection
// point: /Records/0/body»json»/customer
// events: 400
import pg from 'pg';
const pool = new pg.Pool({ host: '127.0.0.1', port: 1 });
export const handler = async (event) => {
  const batchItemFailures = [];
  for (const { body, messageId } of event.Records) {
    try {
      const { customer } = JSON.parse(body);
      const value = `'${customer}'`; // fixed: const value = pg.escapeLiteral(String(customer));
      await pool.query({ text: `UPDATE carts SET open = false WHERE customer = ${value}` });
    } catch {
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
};
