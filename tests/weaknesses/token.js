// The token itself says how it is to be checked.
// oracle: token-forgery
// point: /headers/Authorization»header-list»/Bearer
// events: 400
const crypto = require('crypto');
const key = process.env.TOKEN_KEY ?? 'k-81ef0c';
const part = (text) => JSON.parse(Buffer.from(text, 'base64url').toString());

function verify(token) {
  const [head, claims, signature] = token.split('.');
  const { alg } = part(head);
  if (alg === 'none') return part(claims); // fixed: if (alg !== 'HS256') throw new Error('bad algorithm');
  const wanted = crypto.createHmac('sha256', key).update(`${head}.${claims}`).digest('base64url');
  if (wanted !== signature) throw new Error('bad signature');
  return part(claims);
}

exports.handler = async (event) => {
  const header = event.headers?.authorization ?? event.headers?.Authorization ?? '';
  try {
    const { sub } = verify(header.replace('Bearer ', ''));
    return { statusCode: 200, body: JSON.stringify({ hello: sub }) };
  } catch {
    return { statusCode: 401, body: 'who are you?' };
  }
};
