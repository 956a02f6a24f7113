// EventBridge: an event of the application's own bus.
// source: eventbridge
// point: /detail/report/name
// events: 40
const { execSync, execFileSync } = require('child_process');

const handlers = {
  'Report Requested': ({ report: { name, format } }) => {
    execSync(`render-report ${name}`); // fixed: execFileSync('true', [String(name)]);
    return format;
  },
  'Report Deleted': () => 'deleted',
};

exports.handler = async (event) => {
  const { 'detail-type': kind, source, detail } = event;
  if (source === 'aws.health') return null;
  try { return handlers[kind]?.(detail) ?? 'ignored'; } catch (error) { return error.message; }
};
