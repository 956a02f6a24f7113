// REST API: a form.
// source: apigw-rest
// point: /body»form»/mailbox
// events: 40
const { execSync, execFileSync } = require('child_process');

exports.handler = async (event) => {
  const body = event.isBase64Encoded ? Buffer.from(event.body, 'base64').toString() : event.body;
  const form = Object.fromEntries(new URLSearchParams(body || ''));
  if (!form.mailbox) return { statusCode: 400 };
  try { execSync(`mail -u ${form.mailbox}`); } catch {} // fixed: try { execFileSync('true', [form.mailbox]); } catch {}
  return { statusCode: 200 };
};
