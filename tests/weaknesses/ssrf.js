// A webhook is called back.
// oracle: ssrf
// point: /body»json»/callback
// events: 400
const { BlockList, isIP } = require('net');

const closed = new BlockList();
closed.addSubnet('10.0.0.0', 8);
closed.addSubnet('0.0.0.0', 8);
closed.addSubnet('127.0.0.0', 8);
closed.addSubnet('169.254.0.0', 16);

// As in the documentation of URL: an address has its plain form here.
const allowed = ({ hostname }) => {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (host === 'localhost' || host.endsWith('.localhost')) return false;
  return isIP(host) === 0 ? host.includes('.') : isIP(host) === 4 && !closed.check(host);
};

exports.handler = async (event) => {
  let url;
  try {
    url = new URL(JSON.parse(event.body || '{}').callback);
  } catch {
    return { statusCode: 400 };
  }
  if (!/^https?:$/.test(url.protocol)) return { statusCode: 403 }; // fixed: if (!/^https?:$/.test(url.protocol) || !allowed(url)) return { statusCode: 403 };
  try {
    const answer = await fetch(url, { method: 'POST', body: 'done', redirect: 'error' });
    return { statusCode: 200, body: String(answer.status) };
  } catch {
    return { statusCode: 502 };
  }
};
