// N5: the test button of the console sends null in place of the headers.
// packages: lambda-api@0.10.1 aws-sdk@2.1692.0
// repaired: lambda-api@0.10.2 aws-sdk@2.1692.0
// oracle: unhandled-error
// grade: forged
// source: apigw-rest
// point: /multiValueHeaders is null
// events: 1800
// missed: the package catches the error and answers 500, as it does with errors of the function; no oracle takes that for more than an answer
const api = require('lambda-api')();
api.any('/*', (request) => ({ agent: request.headers['user-agent'] ?? 'none' }));
exports.handler = async (event, context) => api.run(event, context);
