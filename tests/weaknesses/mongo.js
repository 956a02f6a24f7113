// A login; repaired, the value is a text.
// packages: mongodb@6.20.0
// oracle: nosql-injection
// point: /body»json»/password
// events: 400
const { MongoClient } = require('mongodb');
const client = new MongoClient('mongodb://127.0.0.1:1', { serverSelectionTimeoutMS: 2 });
exports.handler = async (event) => {
  let body;
  try {
    body = JSON.parse(event.body) ?? {};
  } catch {
    return { statusCode: 400, body: '' };
  }
  if (!body.user || !body.password) return { statusCode: 400, body: '' };
  const user = typeof body.user === 'string' ? body.user : '';
  const password = body.password; // fixed: const password = typeof body.password === 'string' ? body.password : '';
  try {
    const found = await client.db('app').collection('users').findOne({ user, password });
    return { statusCode: found ? 200 : 403, body: '' };
  } catch {
    return { statusCode: 503, body: '' };
  }
};
