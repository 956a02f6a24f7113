// IoT rule: SELECT *, topic(2) AS device, clientid() AS clientId FROM 'fleet/+/update'.
// source: iot
// point: /firmware/url
// events: 60
const { spawn } = require('child_process');

exports.handler = async (event) => {
  const { clientId, firmware: { version, url } = {} } = event;
  if (!clientId || !url) return 'ignored';
  const code = await new Promise((done) => {
    const child = spawn('sh', ['-c', `fetch-firmware ${url}`]); // fixed: const child = spawn('true', [String(url).replaceAll('\0', '')]);
    child.on('error', () => done(127));
    child.on('close', done);
  });
  return { version, code };
};
