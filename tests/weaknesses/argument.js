// The name of a file becomes an argument of sort.
// oracle: argument-injection
// point: /Records/0/body»json»/table
// events: 400
const { execFileSync } = require('child_process');
const { basename } = require('path');
exports.handler = async (event) => {
  for (const record of event.Records) {
    const { table } = JSON.parse(record.body) ?? {};
    if (typeof table !== 'string' || table.includes('\0')) continue;
    try {
      execFileSync('sort', ['-u', table], { stdio: 'ignore' }); // fixed: execFileSync('sort', ['-u', '--', `/tmp/${basename(table)}`], { stdio: 'ignore' });
    } catch {
      console.log('no such table');
    }
  }
};
