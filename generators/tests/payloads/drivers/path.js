// Texts that become file paths. Fired: what the canary file holds came back.
const fs = require('fs');
const path = require('path');
const { run } = require('./cells');

const BASE = path.join(process.cwd(), 'data');
const read = (name) => fs.readFileSync(name, 'utf8');
const opens = (pathOf) => ({ text }) => read(pathOf(text));

function plain(text) {
  if (/^[./]/.test(text)) throw new Error('must be a plain name');
  return path.join(BASE, text);
}

function within(text) {
  const full = path.resolve(BASE, text);
  if (!full.startsWith(BASE + path.sep)) throw new Error('leaves the folder');
  return full;
}

function contexts() {
  fs.mkdirSync(BASE, { recursive: true });
  return {
    'readFileSync(@)': opens((text) => text),
    "'data/' + @": opens((text) => `${BASE}/${text}`),
    'path.join(base, @)': opens((text) => path.join(BASE, text)),
    'path.resolve(base, @)': opens((text) => path.resolve(BASE, text)),
    "'../' removed once": opens((text) => `${BASE}/${text.replace(/\.\.\//g, '')}`),
    'plain name, then path.join': opens(plain),
    'backslashes become slashes': opens((text) => path.join(BASE, text.replace(/\\/g, '/'))),
    'new URL(@)': ({ text }) => read(new URL(text)),
    "new URL(@, 'file://…')": ({ text }) => read(new URL(text, `file://${BASE}/`)),
    'safe: path.basename': opens((text) => path.join(BASE, path.basename(text))),
    'safe: resolved within': opens(within),
  };
}

run({ 'path-traversal': contexts });
