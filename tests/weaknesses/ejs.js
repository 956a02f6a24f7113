// A page title in the source of a template; repaired, it is a value.
// packages: ejs@3.1.10
// oracle: template-injection
// point: /queryStringParameters/title
// events: 400
const ejs = require('ejs');
exports.handler = async (event) => {
  const title = event.queryStringParameters?.title ?? 'home';
  try {
    return { statusCode: 200, body: ejs.render(`<h1>${title}</h1>`) }; // fixed: return { statusCode: 200, body: ejs.render('<h1><%= title %></h1>', { title }) };
  } catch {
    return { statusCode: 422, body: 'bad title' };
  }
};
