// A statement of PartiQL from a client of the old SDK; repaired, quotes are doubled.
// packages: aws-sdk@2.1692.0
// oracle: dynamodb-expression
// point: /body»json»/status
// events: 400
process.env.AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE = '1';
const DynamoDB = require('aws-sdk/clients/dynamodb');
const client = new DynamoDB({ region: 'us-east-1', endpoint: 'http://127.0.0.1:1', maxRetries: 0 });
exports.handler = async (event) => {
  let status;
  try {
    status = String(JSON.parse(event.body).status);
  } catch {
    return { statusCode: 400, body: '' };
  }
  const value = status; // fixed: const value = status.replaceAll("'", "''");
  try {
    await client.executeStatement({ Statement: `SELECT * FROM "orders"."by-status" WHERE status = '${value}'` }).promise();
    return { statusCode: 200, body: '' };
  } catch {
    return { statusCode: 503, body: '' };
  }
};
