// A form whose names have brackets; repaired, the value is checked.
// packages: mongodb@6.20.0 qs@6.14.0
// oracle: nosql-injection
// point: /body»form»/token[$ne]
// events: 400
const { MongoClient } = require('mongodb');
const qs = require('qs');
const client = new MongoClient('mongodb://127.0.0.1:1', { serverSelectionTimeoutMS: 2 });
exports.handler = async (event) => {
  const body = event.isBase64Encoded ? Buffer.from(event.body, 'base64').toString() : event.body;
  const form = qs.parse(body ?? '');
  const { token } = form;
  const isFit = token !== undefined; // fixed: const isFit = typeof token === 'string';
  if (!isFit) return { statusCode: 400, body: 'no token' };
  try {
    const found = await client.db('app').collection('sessions').findOne({ token });
    return { statusCode: found ? 200 : 403, body: '' };
  } catch {
    return { statusCode: 503, body: '' };
  }
};
