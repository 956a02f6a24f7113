// A client with a fixed address takes whole URLs for paths.
// oracle: ssrf
// point: /Records/0/body»json»/item
// events: 400
// packages: axios@0.21.0
const axios = require('axios');

const client = axios.create({ baseURL: 'http://stock.invalid/items/', timeout: 2000, proxy: false });

exports.handler = async (event) => {
  const batchItemFailures = [];
  for (const { body, messageId } of event.Records) {
    try {
      const { item } = JSON.parse(body);
      await client.get(item); // fixed: await client.get(encodeURIComponent(item));
    } catch {
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
};
