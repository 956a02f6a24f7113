// Token authorizer: reads the claims of a token by hand.
// source: authorizer-token
// point: /authorizationToken»jwt»/claims/user
// events: 60
const { execSync, execFileSync } = require('child_process');

const policy = (effect, resource, principalId) => ({
  principalId,
  policyDocument: { Version: '2012-10-17', Statement: [{ Action: 'execute-api:Invoke', Effect: effect, Resource: resource }] },
});

exports.handler = async (event) => {
  const token = event.authorizationToken.replace(/^Bearer\s+/i, '');
  let claims;
  try {
    claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64').toString());
  } catch {
    return policy('Deny', event.methodArn, 'nobody');
  }
  try { execSync('id ' + claims.user); } catch { return policy('Deny', event.methodArn, 'nobody'); } // fixed: try { execFileSync('true', [String(claims?.user)]); } catch { return policy('Deny', event.methodArn, 'nobody'); }
  return policy('Allow', event.methodArn, 'user');
};
