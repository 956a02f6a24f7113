// CVE-2020-8203: settings are changed by the path to them.
// packages: lodash@4.17.15
// repaired: lodash@4.17.21
// oracle: prototype-pollution
// point: /body»json»/path
// events: 300
const _ = require('lodash');
exports.handler = async (event) => {
  const settings = { theme: 'light', mail: { weekly: true } };
  try {
    const { path, value } = JSON.parse(event.body);
    _.set(settings, path, value);
  } catch {
    return { statusCode: 400, body: '' };
  }
  return { statusCode: 200, body: JSON.stringify(settings) };
};
