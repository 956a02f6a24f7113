// Drivers of databases and SDKs, for the observer: which methods of which packages are looked at, once a function loads one.
//
// Nothing is loaded from here. What a package exports is looked through for classes with the methods that are known here, and those
// are wrapped in proxies, which keep names, properties and what `new` and `instanceof` say. Code that a bundler has put into
// the function's own file is not seen.
'use strict';

const { apply, getOwnPropertyDescriptor } = Reflect;
const { create, getPrototypeOf } = Object;
const { lastIndexOf, slice, startsWith, split } = String.prototype;

const FOLDER = '/node_modules/';

/** What the text of a module is required by, as the name of its package. `from`: the file that asks. */
function packageOf(request, from) {
  let name = request;
  if (apply(startsWith, name, ['.'])) name = from;
  if (typeof name !== 'string') return undefined;
  if (apply(startsWith, name, ['/'])) {
    const at = apply(lastIndexOf, name, [FOLDER]);
    if (at < 0) return undefined;
    name = apply(slice, name, [at + FOLDER.length]);
  }
  const parts = apply(split, name, ['/', 2]);
  return apply(startsWith, name, ['@']) && parts.length === 2 ? `${parts[0]}/${parts[1]}` : parts[0];
}

/**
 * Wraps the methods of drivers. `queries`: what is told of the arguments of each kind of call. Returns what is to be called with the
 * name and the exports of a module that was loaded without `require`.
 */
module.exports = function watchDrivers({ wrap }, queries) {
  const sql = (engine) => (args) => queries.statement(engine, args[0]);
  const filter = (args) => queries.filter(args[0]);
  // Methods by package, and the classes that it exports by name; what a module exports itself is always looked at.
  const packages = setUp({
    'pg': { classes: ['Client', 'Pool'], methods: { query: sql('postgresql') } },
    'pg-pool': { classes: [], methods: { query: sql('postgresql') } },
    'mysql': { classes: [], methods: { query: sql('mysql') } },
    'mysql2': { classes: [], methods: { query: sql('mysql'), execute: sql('mysql') } },
    'better-sqlite3': { classes: [], methods: { prepare: sql('sqlite'), exec: sql('sqlite') } },
    'sqlite3': {
      classes: ['Database'],
      methods: Object.fromEntries(
        ['run', 'get', 'all', 'each', 'exec', 'prepare'].map((name) => [name, sql('sqlite')]),
      ),
    },
    'node:sqlite': { classes: ['DatabaseSync'], methods: { prepare: sql('sqlite'), exec: sql('sqlite') } },
    'mongodb': { classes: ['Collection'], methods: collection(filter, queries) },
    // Its own collections wait for a connection; what it hands to them is in its last form.
    'mongoose': { classes: [], only: 'NativeCollection', methods: collection(filter, queries) },
    '@smithy/smithy-client': { classes: ['Client'], methods: { send: sent(queries) } },
    '@smithy/core': { classes: ['Client'], methods: { send: sent(queries) } },
    '@aws-sdk/smithy-client': { classes: ['Client'], methods: { send: sent(queries) } },
    'aws-sdk': { classes: ['Service'], methods: { makeRequest: made(queries) } },
  });
  const wrapped = new WeakSet();
  const has = WeakSet.prototype.has;
  const add = WeakSet.prototype.add;

  const look = (known, it) => {
    if (typeof it !== 'function' || (known.only !== undefined && it.name !== known.only)) return;
    // Services of the AWS SDK inherit what is wrapped.
    for (let owner = it.prototype; owner && owner !== Object.prototype; owner = getPrototypeOf(owner)) {
      if (apply(has, wrapped, [owner])) continue;
      let some = false;
      for (let at = 0; at < known.names.length; at += 1) {
        const name = known.names[at];
        const descriptor = getOwnPropertyDescriptor(owner, name);
        if (descriptor === undefined || typeof descriptor.value !== 'function' || !descriptor.configurable) continue;
        wrap(owner, name, known.methods[name]);
        some = true;
      }
      if (some) apply(add, wrapped, [owner]);
    }
  };

  const loaded = (name, exported) => {
    const known = packages[name];
    if (known === undefined || exported === null) return;
    look(known, exported);
    if (typeof exported !== 'object' && typeof exported !== 'function') return;
    for (let at = 0; at < known.classes.length; at += 1) {
      // Compiled modules export through accessors.
      const name = known.classes[at];
      if (getOwnPropertyDescriptor(exported, name) !== undefined) look(known, exported[name]);
    }
  };
  wrap(require('module'), '_load', undefined, (args, exported) => {
    loaded(packageOf(args[0], args[1]?.filename), exported);
  });
  return loaded;
};

function setUp(packages) {
  const all = create(null);
  for (const [name, known] of Object.entries(packages)) all[name] = { ...known, names: Object.keys(known.methods) };
  return all;
}

/** What takes a filter of MongoDB first. */
function collection(filter, queries) {
  const names = [
    'find', 'findOne', 'findOneAndDelete', 'findOneAndReplace', 'findOneAndUpdate', 'updateOne', 'updateMany', 'replaceOne',
    'deleteOne', 'deleteMany', 'countDocuments', 'count',
    // Stages, of which those that filter count.
    'aggregate',
  ];
  const methods = Object.fromEntries(names.map((name) => [name, filter]));
  return { ...methods, distinct: (args) => queries.filter(args[1]) };
}

/** A command of the AWS SDK, version 3. */
function sent(queries) {
  return (args, self) => queries.request(self.config?.serviceId, args[0]?.input);
}

/** An operation of the AWS SDK, version 2. */
function made(queries) {
  return (args, self) => queries.request(self.api?.serviceId, args[1]);
}
