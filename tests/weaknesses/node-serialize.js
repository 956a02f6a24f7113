// A profile that comes back from the client.
// packages: node-serialize@0.0.4
// oracle: deserialization
// point: /body»json»/profile
// events: 400
const { unserialize } = require('node-serialize');
exports.handler = async (event) => {
  try {
    const { profile } = JSON.parse(event.body);
    const read = unserialize(profile); // fixed: const read = JSON.parse(profile);
    return { statusCode: 200, body: String(Object.keys(read).length) };
  } catch {
    return { statusCode: 400, body: '' };
  }
};
