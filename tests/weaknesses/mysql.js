// A value in double quotes, which are a string in MySQL; repaired, it is escaped with backslashes.
// packages: mysql2@3.15.3
// oracle: sql-injection
// point: /body»json»/email
// events: 300
const mysql = require('mysql2/promise');
const pool = mysql.createPool({ host: '127.0.0.1', port: 1 });
exports.handler = async (event) => {
  let body;
  try {
    body = JSON.parse(event.body) ?? {};
  } catch {
    return { statusCode: 400, body: '' };
  }
  const { email } = body;
  try {
    const value = `"${email}"`; // fixed: const value = mysql.escape(String(email));
    await pool.query(`SELECT id FROM users WHERE email = ${value}`);
    return { statusCode: 200, body: '' };
  } catch {
    return { statusCode: 503, body: '' };
  }
};
