// CVE-2022-23541: during a change of algorithms both are accepted, and the public key is taken for a secret.
// packages: jsonwebtoken@8.5.0
// repaired: jsonwebtoken@9.0.0
// oracle: token-forgery
// point: /headers/Authorization»header-list»/Bearer
// events: 200
const jwt = require('jsonwebtoken');
const KEY = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEly5Jr56Ig5kZHl7m+6bpofupR/SG
1MujTRUl4cjda6/du2pDA2na+nc0M2EJ9BeOG+ZO0FjVZwSP69wIvvQstQ==
-----END PUBLIC KEY-----
`;
exports.handler = async (event) => {
  const header = event.headers?.authorization ?? event.headers?.Authorization ?? '';
  try {
    const { sub } = jwt.verify(header.replace('Bearer ', ''), KEY, { algorithms: ['ES256', 'HS256'] });
    return { statusCode: 200, body: JSON.stringify({ hello: sub }) };
  } catch {
    return { statusCode: 401, body: '' };
  }
};
