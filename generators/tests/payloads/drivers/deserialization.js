// Readers of serialized objects in Node. Fired: the canary ran.
const { run } = require('./cells');

function contexts() {
  const yaml = require('js-yaml');
  return {
    'js-yaml 3 load': ({ text }) => JSON.stringify(yaml.load(text)),
    'js-yaml 3 loadAll': ({ text }) => JSON.stringify(yaml.loadAll(text)),
    'node-serialize': ({ text }) => JSON.stringify(require('node-serialize').unserialize(text)),
    'node-serialize, parsed before': ({ text }) =>
      JSON.stringify(require('node-serialize').unserialize(JSON.parse(text))),
    'safe: JSON.parse': ({ text }) => JSON.stringify(JSON.parse(text)),
    'safe: js-yaml FAILSAFE': ({ text }) =>
      JSON.stringify(yaml.load(text, { schema: yaml.FAILSAFE_SCHEMA })),
  };
}

run({ deserialization: contexts });
