// I9: how long a link is valid, in words. Digits without end are looked at again from each of them.
// packages: ms@0.6.2
// repaired: ms@0.7.1
// oracle: cpu-growth
// point: /body»json»/expiresIn
// events: 2000
const ms = require('ms');
exports.handler = async (event) => {
  let ttl;
  try {
    const { expiresIn } = JSON.parse(event.body);
    ttl = typeof expiresIn === 'string' ? ms(expiresIn) : 0;
  } catch {
    return { statusCode: 400, body: '' };
  }
  if (!ttl || ttl < 0 || ttl > 86400000) return { statusCode: 422, body: 'bad time' };
  return { statusCode: 201, body: JSON.stringify({ expires: Math.round(ttl / 1000) }) };
};
