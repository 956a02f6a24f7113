// A page is looked for before it is opened.
// oracle: path-traversal
// point: /queryStringParameters/page
// events: 400
const fs = require('fs');
const path = require('path');

fs.writeFileSync('/tmp/index.html', '<p>hello</p>');

exports.handler = async (event) => {
  const page = event.queryStringParameters?.page ?? 'index.html';
  if (page.includes('\0')) return { statusCode: 400 };
  const file = path.join('/tmp', page);
  const known = fs.existsSync(file) && fs.statSync(file).isFile(); // fixed: const known = fs.existsSync(file) && fs.statSync(file).isFile() && fs.realpathSync(file).startsWith('/tmp/');
  if (!known) return { statusCode: 404 };
  const text = await new Promise((done, fail) => {
    fs.createReadStream(file, { end: 99 }).on('data', done).on('error', fail).on('end', () => done(''));
  });
  return { statusCode: 200, body: String(text.length) };
};
