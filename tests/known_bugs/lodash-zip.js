// CVE-2020-8203: a table of columns and values becomes an object.
// packages: lodash@4.17.15
// repaired: lodash@4.17.21
// oracle: prototype-pollution
// point: /body»json»/columns
// events: 300
const _ = require('lodash');
exports.handler = async (event) => {
  try {
    const { columns, values } = JSON.parse(event.body);
    return { statusCode: 200, body: JSON.stringify(_.zipObjectDeep(columns, values)) };
  } catch {
    return { statusCode: 400, body: '' };
  }
};
