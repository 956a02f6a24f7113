// What is wrong with a request is gathered outside of the handler.
// oracle: state-leak
// point: /queryStringParameters/color
// events: 400
const wrong = [];

exports.handler = async (event) => {
  const { color, size } = event.queryStringParameters ?? {};
  wrong.length += 0; // fixed: wrong.length = 0;
  if (!['red', 'green'].includes(color)) wrong.push(`no such color: ${color}`);
  if (!(Number(size) > 0)) wrong.push(`no such size: ${size}`);
  if (wrong.length > 20) wrong.shift();
  return { statusCode: wrong.length > 0 ? 422 : 200, body: JSON.stringify({ wrong }) };
};
