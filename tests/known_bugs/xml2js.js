// I8 (CVE-2023-0842): an element with the name __proto__ changes what the result inherits from.
// packages: xml2js@0.4.19
// repaired: xml2js@0.5.0
// oracle: prototype-pollution
// point: /body
// events: 300
// missed: only what this one object inherits from is changed: to see it, all objects of a process would have to be looked at, or its __proto__ setter replaced
const { parseString } = require('xml2js');
exports.handler = async (event) => {
  const order = await new Promise((resolve) => {
    parseString(event.body || '<order/>', (error, result) => resolve(error ? undefined : result));
  });
  if (!order) return { statusCode: 400, body: '' };
  return { statusCode: 200, body: JSON.stringify({ keys: Object.keys(order).length }) };
};
