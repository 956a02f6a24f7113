// A filter that the query names an attribute of; repaired, it is a placeholder.
// packages: @aws-sdk/client-dynamodb@3.913.0 @aws-sdk/lib-dynamodb@3.913.0
// oracle: dynamodb-expression
// point: /queryStringParameters/attribute
// events: 150
const { DynamoDBClient } = require('@aws-sdk/client-dynamodb');
const { DynamoDBDocumentClient, ScanCommand } = require('@aws-sdk/lib-dynamodb');
const client = new DynamoDBClient({ endpoint: 'http://127.0.0.1:1', maxAttempts: 1 });
const table = DynamoDBDocumentClient.from(client);
exports.handler = async (event) => {
  const { attribute = 'status', value = 'open' } = event.queryStringParameters ?? {};
  const name = attribute; // fixed: const name = '#a';
  const names = { '#o': 'owner', '#a': attribute };
  try {
    const found = await table.send(new ScanCommand({
      TableName: 'orders',
      FilterExpression: `#o = :o AND ${name} = :v`,
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: { ':o': event.requestContext?.authorizer?.principalId ?? '', ':v': value },
    }));
    return { statusCode: 200, body: JSON.stringify(found.Items) };
  } catch {
    return { statusCode: 503, body: '' };
  }
};
