// I3 (CVE-2021-23337): the name of the variable in a template comes with the request.
// packages: lodash@4.17.20
// repaired: lodash@4.17.21
// oracle: code-evaluation
// point: /body»json»/variable
// events: 300
const _ = require('lodash');
exports.handler = async (event) => {
  try {
    const { variable, name } = JSON.parse(event.body);
    const page = _.template('<h1>Hello</h1>', { variable });
    return { statusCode: 200, body: page({ name }) };
  } catch {
    return { statusCode: 400, body: '' };
  }
};
