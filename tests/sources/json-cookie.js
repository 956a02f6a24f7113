// REST API: preferences as JSON in a cookie.
// source: apigw-rest
// point: /headers/cookie»cookie»/prefs»percent»json»/font
// events: 40
const { execSync, execFileSync } = require('child_process');

function cookie(event, name) {
  const header = event.headers?.Cookie || event.headers?.cookie || '';
  const found = header.split(';').map((it) => it.trim()).find((it) => it.startsWith(name + '='));
  return found && decodeURIComponent(found.slice(name.length + 1));
}

exports.handler = async (event) => {
  const text = cookie(event, 'prefs');
  let prefs = {};
  try { prefs = JSON.parse(text); } catch {}
  if (prefs?.font) {
    try { execSync('fc-match ' + prefs.font); } catch {} // fixed: try { execFileSync('true', [String(prefs.font)]); } catch {}
  }
  return { statusCode: 200, body: '' };
};
