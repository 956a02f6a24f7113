// CVE-2022-23540: where the key was forgotten, a token without a signature is accepted.
// packages: jsonwebtoken@8.5.0
// repaired: jsonwebtoken@9.0.0
// oracle: token-forgery
// point: /headers/Authorization»header-list»/Bearer
// events: 200
const jwt = require('jsonwebtoken');
exports.handler = async (event) => {
  const header = event.headers?.authorization ?? event.headers?.Authorization ?? '';
  try {
    const { sub } = jwt.verify(header.replace('Bearer ', ''), process.env.SESSION_KEY);
    return { statusCode: 200, body: JSON.stringify({ hello: sub }) };
  } catch {
    return { statusCode: 401, body: '' };
  }
};
