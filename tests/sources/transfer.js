// Transfer Family: makes the folder of whoever logs in.
// source: transfer
// point: /username
// events: 200
const { execSync } = require('child_process');

exports.handler = async (event) => {
  if (!event.serverId || !event.username) return {};
  execSync('echo /home/' + event.username); // fixed: console.log('/home/' + event.username);
  return { Role: 'arn:aws:iam::123456789012:role/transfer', HomeDirectory: '/home' };
};
