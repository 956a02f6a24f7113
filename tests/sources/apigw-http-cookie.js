// HTTP API: a theme from a cookie, and a body in a form.
// source: apigw-http
// point: /cookies/0»cookie»/theme
// events: 40
const { exec, execFile } = require('child_process');

const cookiesOf = (event) =>
  Object.fromEntries((event.cookies ?? []).map((cookie) => cookie.split('=').map((it) => it.trim())));

module.exports.handler = (event, context, callback) => {
  const { theme } = cookiesOf(event);
  if (!theme || event.version !== '2.0') return callback(null, { statusCode: 200, body: 'plain' });
  exec('cat themes/' + theme + '.css', () => callback(null, { statusCode: 200 })); // fixed: execFile('true', ['themes/' + theme], () => callback(null, { statusCode: 200 }));
};
