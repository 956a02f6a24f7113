// Shows a file that an earlier step left in /tmp.
'use strict';

const { exec } = require('child_process');

exports.handler = async (event) => {
  const { file } = event.queryStringParameters;

  // Weak: `file` becomes part of a shell command, and nobody waits for it.
  exec(`cat /tmp/${file}`, (error, stdout) => {
    if (!error) console.log(`read ${stdout.length} characters`);
  });

  return { statusCode: 200, body: JSON.stringify({ message: 'request accepted' }) };
};
