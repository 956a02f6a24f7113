// Members that are copied, and names that are paths. Fired: a new object has the property.
const { run } = require('./cells');

function merge(target, source) {
  for (const key of Object.keys(source)) {
    const value = source[key];
    if (value && typeof value === 'object') {
      target[key] = merge(target[key] || {}, value);
    } else {
      target[key] = value;
    }
  }
  return target;
}

// As forms are read by hand: `a[b][c]=1`.
function assign(target, name, value) {
  const keys = name.split(/[.[\]]+/).filter(Boolean);
  const last = keys.pop();
  let at = target;
  for (const key of keys) at = at[key] = at[key] || {};
  at[last] = value;
}

function careful(target, source) {
  for (const [key, value] of Object.entries(source)) {
    if (['__proto__', 'constructor', 'prototype'].includes(key)) continue;
    target[key] = value && typeof value === 'object' ? careful({}, value) : value;
  }
  return target;
}

// Whether the property is there; and away with it, for the next cell.
function polluted(nonce) {
  const hit = ({})[nonce] !== undefined;
  delete Object.prototype[nonce];
  return hit ? 'fired' : 'clean';
}

const values = (use) => ({ form, value, nonce }) => {
  if (form === 'Json' && typeof value === 'object') use(value);
  return polluted(nonce);
};

const names = (use) => ({ form, text, nonce }) => {
  try {
    if (form === 'Name') use(text);
  } finally {
    var said = polluted(nonce);
  }
  return said;
};

function contexts() {
  const lodash = require('lodash');
  return {
    'merge by hand': values((value) => merge({}, value)),
    'lodash.merge': values((value) => lodash.merge({}, value)),
    'lodash.defaultsDeep': values((value) => lodash.defaultsDeep({}, value)),
    'deep-extend': values((value) => require('deep-extend')({}, value)),
    'hoek.merge': values((value) => require('hoek').merge({}, value)),
    'a[b][c] by hand': names((name) => assign({}, name, '1')),
    'lodash.set': names((name) => lodash.set({}, name, '1')),
    'dot-prop': names((name) => require('dot-prop').set({}, name, '1')),
    'set-value': names((name) => require('set-value')({}, name, '1')),
    minimist: names((name) => require('minimist')([`--${name}=1`])),
    'safe: careful merge': values((value) => careful({}, value)),
    'safe: Object.assign': values((value) => Object.assign({}, value)),
    'safe: Map': names((name) => new Map([[name, '1']])),
  };
}

run({ 'prototype-pollution': contexts });
