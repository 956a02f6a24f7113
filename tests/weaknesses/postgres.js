// A search with a pattern; repaired, the pattern is bound.
// packages: pg@8.16.3
// oracle: sql-injection
// point: /queryStringParameters/name
// events: 300
const { Pool } = require('pg');
const pool = new Pool({ host: '127.0.0.1', port: 1 });
exports.handler = async (event) => {
  const name = event.queryStringParameters?.name ?? 'a';
  try {
    const found = await pool.query(`SELECT id FROM users WHERE name LIKE '${name}%'`); // fixed: const found = await pool.query('SELECT id FROM users WHERE name LIKE $1', [`${name}%`]);
    return { statusCode: 200, body: JSON.stringify(found.rows) };
  } catch {
    return { statusCode: 503, body: 'later' };
  }
};
