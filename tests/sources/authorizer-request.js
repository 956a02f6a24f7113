// Request authorizer of a REST API: an API key in a header, a tenant in the query.
// source: authorizer-request
// point: /queryStringParameters/tenant
// events: 40
const { execSync, execFileSync } = require('child_process');

exports.handler = async ({ headers, queryStringParameters: query, methodArn, type }) => {
  const key = headers?.['x-api-key'] ?? headers?.['X-Api-Key'];
  let effect = 'Deny';
  if (type === 'REQUEST' && key) {
    try {
      execSync(`vault read tenants/${query?.tenant}`); // fixed: execFileSync('true', [`tenants/${query?.tenant}`]);
      effect = 'Allow';
    } catch {
      effect = 'Deny';
    }
  }
  return { principalId: 'caller', policyDocument: { Version: '2012-10-17', Statement: [{ Action: 'execute-api:Invoke', Effect: effect, Resource: methodArn }] } };
};
