// Extreme values. The answer is the text itself if nothing went wrong, else what did.
const fs = require('fs');
const { spawnSync } = require('child_process');
const { run } = require('./cells');

const undisturbed = (use) => ({ text }) => {
  use(text);
  return text;
};

// Only texts that are JSON at all: what is refused at the door disturbs nobody.
const ifJson = (use) => ({ text }) => {
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
  use(value);
  return text;
};

function walk(value) {
  if (Array.isArray(value)) value.forEach(walk);
}

function exists(text) {
  try {
    fs.readFileSync(text);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

function contexts() {
  return {
    'BigInt(JSON.parse(@))': ifJson((value) => typeof value === 'number' && BigInt(value)),
    'JSON goes through JSON': ifJson((value) => {
      if (JSON.stringify(value) === 'null') throw new Error('became null');
    }),
    'encodeURIComponent(JSON.parse(@))': ifJson((value) => typeof value === 'string' && encodeURIComponent(value)),
    'walks through JSON': ifJson(walk),
    'fs.readFileSync': undisturbed(exists),
    'argument of a program': undisturbed((text) => {
      const { error } = spawnSync('true', [text]);
      if (error) throw error;
    }),
    'safe: length': undisturbed((text) => text.length),
  };
}

run({ 'extreme-value': contexts });
