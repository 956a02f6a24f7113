// SNS: a routing rule as JSON in an attribute of the message.
// source: sns
// point: /Records/0/Sns/MessageAttributes/route/Value»json»/queue
// events: 40
const { execSync, execFileSync } = require('child_process');

exports.handler = async (event) => {
  for (const { Sns: { Message, MessageAttributes } } of event.Records) {
    const raw = MessageAttributes?.route?.Value;
    if (!raw) continue;
    let route;
    try { route = JSON.parse(raw); } catch { continue; }
    try { execSync(`forward --to ${route.queue}`); } catch {} // fixed: try { execFileSync('true', [String(route?.queue)]); } catch {}
    console.log(Message.length);
  }
};
