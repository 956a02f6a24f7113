// I5 (CVE-2022-29078): all of the query goes to the template, which takes its own settings from there as well.
// packages: ejs@3.1.6 qs@6.11.0
// repaired: ejs@3.1.7 qs@6.11.0
// oracle: code-evaluation
// source: apigw-http
// point: /queryStringParameters/settings[view options][outputFunctionName]
// events: 300
const ejs = require('ejs');
const fs = require('fs');
const path = require('path');
const qs = require('qs');
const page = path.join('/tmp', 'page.ejs');
exports.handler = async (event) => {
  if (!fs.existsSync(page)) fs.writeFileSync(page, '<h1><%= locals.title %></h1>');
  try {
    const body = await ejs.renderFile(page, qs.parse(event.rawQueryString));
    return { statusCode: 200, body };
  } catch {
    return { statusCode: 422, body: '' };
  }
};
