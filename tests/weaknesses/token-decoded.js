// An authorizer reads the claims of a token and never looks at its signature.
// oracle: token-forgery
// point: /authorizationToken»header-list»/Bearer
// events: 400
const crypto = require('crypto');
const key = process.env.TOKEN_KEY ?? 'k-27be41';

const policy = (principalId, Effect, Resource) => ({
  principalId,
  policyDocument: { Version: '2012-10-17', Statement: [{ Action: 'execute-api:Invoke', Effect, Resource }] },
});

function isSigned(token) {
  const [head, claims, signature] = token.split('.');
  return crypto.createHmac('sha256', key).update(`${head}.${claims}`).digest('base64url') === signature;
}

exports.handler = async (event) => {
  const match = /^Bearer (\S+)$/.exec(event.authorizationToken ?? '');
  if (!match) return policy('anonymous', 'Deny', event.methodArn);
  let claims;
  try {
    claims = JSON.parse(Buffer.from(match[1].split('.')[1] ?? '', 'base64url').toString());
  } catch {
    return policy('anonymous', 'Deny', event.methodArn);
  }
  const isKnown = typeof claims?.sub === 'string'; // fixed: const isKnown = typeof claims?.sub === 'string' && isSigned(match[1]);
  return policy(claims?.sub ?? 'anonymous', isKnown ? 'Allow' : 'Deny', event.methodArn);
};
