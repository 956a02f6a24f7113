// N20: middleware decodes the parts of the path. What is no percent encoding is a 500 instead of a 400.
// packages: @middy/core@5.4.6 @middy/http-urlencode-path-parser@5.4.6
// repaired: @middy/core@7.7.0 @middy/http-urlencode-path-parser@7.7.0
// oracle: unhandled-error
// point: /pathParameters/name
// events: 200
import middy from '@middy/core';
import httpUrlEncodePathParser from '@middy/http-urlencode-path-parser';

const find = async (event) => {
  const name = event.pathParameters?.name;
  if (!name) return { statusCode: 404, body: '' };
  return { statusCode: 200, body: JSON.stringify({ name }) };
};

// What is the client's fault is answered; everything else is for the alarm.
const onError = (request) => {
  const { statusCode, message } = request.error;
  if (statusCode < 500) request.response = { statusCode, body: message };
};

export const handler = middy().use(httpUrlEncodePathParser()).onError(onError).handler(find);
