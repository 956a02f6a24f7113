// REST API: JSON in a path parameter.
// source: apigw-rest
// point: /pathParameters/selector»percent»json»/column
// events: 40
const { execSync, execFileSync } = require('child_process');

const middleware = (inner) => async (event, context) => {
  try {
    return await inner(event, context);
  } catch (error) {
    return { statusCode: 500, body: error.message };
  }
};

exports.handler = middleware(async (event) => {
  const { selector } = event.pathParameters;
  const { column } = JSON.parse(decodeURIComponent(selector));
  execSync(`cut -f ${column} /etc/hostname`); // fixed: execFileSync('true', [String(column)]);
  return { statusCode: 200, body: 'ok' };
});
