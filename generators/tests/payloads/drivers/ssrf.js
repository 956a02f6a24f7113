// Texts that become addresses. Fired: the canary port heard the nonce.
const http = require('http');
const { run } = require('./cells');

// A host that is a name would be looked for outside; WHATWG URLs have numbers in their plain form.
function allowed(url) {
  return ['127.0.0.1', '0.0.0.0', '[::ffff:7f00:1]'].includes(url.hostname);
}

const fetched = (urlOf) => async ({ text }) => {
  const url = urlOf(text);
  return allowed(url) ? (await fetch(url)).status : 'not asked';
};

const get = (urlOf) => ({ text }) => {
  const url = urlOf(text);
  if (!allowed(url)) return 'not asked';
  return new Promise((resolve, reject) => {
    http.get(url, (answer) => resolve(answer.resume().statusCode)).on('error', reject);
  });
};

// As systemd-resolved and RFC 6761 have it: names below `localhost` are this machine.
function byName({ text }) {
  const url = new URL(text);
  if (!url.hostname.endsWith('.localhost')) return 'not asked';
  const lookup = (_name, options, done) =>
    options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);
  return new Promise((resolve, reject) => {
    http.get(url, { lookup }, (answer) => resolve(answer.resume().statusCode)).on('error', reject);
  });
}

function relative(text) {
  if (!text.startsWith('/') || text.startsWith('//')) throw new Error('must be a path');
  return new URL(text, 'http://api.internal/');
}

function contexts() {
  return {
    'fetch(@)': fetched((text) => new URL(text)),
    'http.get(@)': get((text) => new URL(text)),
    'http.get(@), names below localhost': byName,
    "http.get('http://api.internal' + @)": get((text) => new URL(`http://api.internal${text}`)),
    "fetch('http://' + @ + '/v1')": fetched((text) => new URL(`http://${text}/v1`)),
    "fetch('http://' + @ + '.example')": fetched((text) => new URL(`http://${text}.example/v1`)),
    'new URL(@, base)': fetched((text) => new URL(text, 'http://api.internal/v1/')),
    'path only, new URL(@, base)': fetched(relative),
    'safe: in the query': fetched((text) => new URL(`http://127.0.0.1:9/?${encodeURIComponent(text)}`)),
  };
}

run({ ssrf: contexts });
