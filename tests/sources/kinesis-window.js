// Kinesis in tumbling windows.
// source: kinesis
// point: /Records/0/kinesis/data»base64»json»/sensor
// events: 40
const { execSync, execFileSync } = require('child_process');

exports.handler = async ({ Records, state = {}, isFinalInvokeForWindow }) => {
  const sums = { ...state };
  for await (const { kinesis } of Records) {
    let point;
    try {
      point = JSON.parse(Buffer.from(kinesis.data, 'base64').toString('utf8'));
    } catch {
      continue;
    }
    sums[point?.sensor] = (sums[point?.sensor] ?? 0) + 1;
    if (isFinalInvokeForWindow) {
      try { execSync(`flush-series ${point.sensor}`); } catch {} // fixed: try { execFileSync('true', [String(point?.sensor)]); } catch {}
    }
  }
  return { state: isFinalInvokeForWindow ? {} : sums };
};
