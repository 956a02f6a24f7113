// Observer for Node.js: tells the harness what the function's process does with texts from its event.
//
// Loaded by `--require` before anything of the function's, with any Runtime API client, on the main thread and on
// workers. It only observes: it writes into no object of the function's and into none of its outputs, and what it
// does never throws. A record is one JSON text, sent as one message of a packet socket that never waits; nothing is
// sent that does not hold a word like a nonce. Decisions are made by who reads the records.
//
// Texts that are evaluated come from V8's inspector, since a direct `eval` cannot be wrapped: with no cache of scripts,
// which would keep every one of them, and no pauses at `debugger`. Programs that are started come from the functions
// of child_process, wrapped in proxies, which keep their names and properties.
'use strict';

const VARIABLE = 'EVFUZZ_OBSERVER';
// What a record may hold of one text, in UTF-16 units; longer ones are counted only.
const LONGEST = 64 * 1024;
// Modules of this size are no template that holds a text of an event.
const LONGEST_MODULE = 64 * 1024;
const MOST_FRAMES = 50;
// Milliseconds; shorter than any wait for late effects.
const PAUSE = 10;

// A function may replace what is global, so all that runs later is taken now.
const { apply, ownKeys, defineProperty, getOwnPropertyDescriptor, deleteProperty } = Reflect;
const { stringify } = JSON;
const { exec } = RegExp.prototype;
const { split, startsWith } = String.prototype;
const { isArray } = Array;
const { create, setPrototypeOf } = Object;
const { fstatSync, readFileSync, writeSync } = require('fs');
const { fileURLToPath } = require('url');
const ErrorNow = Error;
const clear = clearInterval;
const later = queueMicrotask;
const { isMainThread } = require('worker_threads');

// A nonce (generators, nonce.rs) among other characters.
const WORD = /ev[0-9a-z]{8}/;
const NONCE = /^ev[0-9a-z]{8}$/;

const has = (regex, text) => typeof text === 'string' && apply(exec, regex, [text]) !== null;

/** Where records go, or undefined: nobody wants any. */
function ours() {
  // Workers get a copy of an environment that we have cleaned.
  const named = isMainThread ? process.env[VARIABLE] : first(readFileSync('/proc/self/environ', 'latin1'));
  const found = apply(exec, /^(\d+):(\d+)$/, [String(named)]);
  return found === null ? undefined : { fd: Number(found[1]), inode: found[2] };
}

function first(environ) {
  const entry = environ.split('\0').find((it) => it.startsWith(`${VARIABLE}=`));
  return entry && entry.slice(VARIABLE.length + 1);
}

/** Neither this process nor its children are to see how it is observed. */
function hide() {
  delete process.env[VARIABLE];
  // Ours comes first: `--require=PATH`, quoted, then what was there.
  const options = process.env.NODE_OPTIONS || '';
  const rest = options.replace(/^--require="(?:[^"\\]|\\.)*" ?/, '');
  if (rest === '') delete process.env.NODE_OPTIONS;
  else process.env.NODE_OPTIONS = rest;
  delete require.cache[__filename];
}

function miss() {
  lost += 1;
}

/** Another file of the observer's, of which no trace stays in the cache of modules. */
function part(name) {
  const file = require.resolve(name);
  const loaded = require(file);
  delete require.cache[file];
  return loaded;
}

let place;
let lost = 0;

/** Sends one record. A function may have closed the descriptor and opened another one there. */
function tell(record) {
  try {
    if (String(fstatSync(place.fd, { bigint: true }).ino) !== place.inode) return;
    // Without prototypes, so that no `toJSON` of the function's is asked.
    setPrototypeOf(record, null);
    if (lost > 0) record.lost = lost;
    writeSync(place.fd, stringify(record));
    lost = 0;
  } catch {
    // It is full, or the record is too long for it.
    lost += 1;
  }
}

// ---------------------------------------------------------------------------------------------
// Texts that are compiled.

/** Whether a text is what stands in the file that it is named after: a module. `vm` can use any name for any text. */
function isFile(url, text) {
  try {
    return apply(startsWith, url, ['file:']) && readFileSync(fileURLToPath(url), 'utf8') === text;
  } catch {
    return false;
  }
}

function watchSources(loaded) {
  const { Session } = require('inspector');
  const session = new Session();
  session.connect();
  const take = (parsed) => ({ params }) => {
    try {
      const { scriptId, url, length } = params;
      // `import` takes it from where nothing of ours stands; it is there once this is compiled.
      if (url === 'node:sqlite') {
        later(() => {
          try {
            loaded(url, process.getBuiltinModule(url));
          } catch {
            lost += 1;
          }
        });
      }
      // A nonce is ten long. Modules are scripts, too; their text does not come from events.
      if (length < 10 || (url !== '' && length > LONGEST_MODULE) || apply(startsWith, url, ['node:'])) return;
      if (length > LONGEST) {
        lost += 1;
        return;
      }
      // Answered before `post` returns, and all of this while the text is being compiled: the stack is the function's.
      session.post('Debugger.getScriptSource', { scriptId }, (error, result) => {
        if (error || !has(WORD, result.scriptSource) || isFile(url, result.scriptSource)) return;
        tell({ kind: 'source', language: 'javascript', text: result.scriptSource, parsed, stack: stackNow() });
      });
    } catch {
      lost += 1;
    }
  };
  session.post('Debugger.enable', { maxScriptsCacheSize: 0 });
  session.post('Debugger.setSkipAllPauses', { skip: true });
  // From here on: what is there already is Node.js' own.
  session.on('Debugger.scriptParsed', take(true));
  session.on('Debugger.scriptFailedToParse', take(false));
}

// ---------------------------------------------------------------------------------------------
// Programs that are started.

/** Where we are, as an `Error` tells, but without asking what the function has put there to format it. */
function stackNow() {
  const limit = getOwnPropertyDescriptor(ErrorNow, 'stackTraceLimit');
  const format = getOwnPropertyDescriptor(ErrorNow, 'prepareStackTrace');
  try {
    defineProperty(ErrorNow, 'stackTraceLimit', { value: MOST_FRAMES, configurable: true, writable: true });
    defineProperty(ErrorNow, 'prepareStackTrace', { value: undefined, configurable: true, writable: true });
    return setPrototypeOf(apply(split, new ErrorNow().stack, ['\n']), null);
  } finally {
    if (limit === undefined) deleteProperty(ErrorNow, 'stackTraceLimit');
    else defineProperty(ErrorNow, 'stackTraceLimit', limit);
    if (format === undefined) deleteProperty(ErrorNow, 'prepareStackTrace');
    else defineProperty(ErrorNow, 'prepareStackTrace', format);
  }
}

/** Tells of a program if one of its words holds a nonce. */
function started(file, args, shell) {
  let some = has(WORD, file);
  const words = setPrototypeOf([], null);
  let length = 0;
  for (let at = 0; isArray(args) && at < args.length; at += 1) {
    const word = args[at];
    if (typeof word !== 'string') continue;
    some = some || has(WORD, word);
    length += word.length;
    words[words.length] = word;
  }
  if (!some) return;
  if (length > LONGEST) {
    lost += 1;
    return;
  }
  tell({ kind: 'spawn', file: `${file}`, args: words, shell: Boolean(shell), stack: stackNow() });
}

/** Wraps a function: `look` sees the arguments of each call before it is made, `after` its result as well. */
function wrap(owner, name, look, after) {
  const descriptor = getOwnPropertyDescriptor(owner, name);
  const trap = create(null);
  trap.apply = (target, self, args) => {
    try {
      if (look !== undefined) look(args, self);
    } catch {
      lost += 1;
    }
    const result = apply(target, self, args);
    if (after === undefined) return result;
    try {
      after(args, result);
    } catch {
      lost += 1;
    }
    return result;
  };
  defineProperty(owner, name, { ...descriptor, value: new Proxy(descriptor.value, trap) });
}

function watchPrograms() {
  const programs = require('child_process');
  // `exec`, `execFile`, `spawn` and `fork` all end here, with the shell's command line already made.
  wrap(programs.ChildProcess.prototype, 'spawn', (args) => started(args[0].file, args[0].args, false));
  const listed = (args) => started(args[0], args[1], (isArray(args[1]) ? args[2] : args[1])?.shell);
  wrap(programs, 'spawnSync', listed);
  wrap(programs, 'execFileSync', listed);
  wrap(programs, 'execSync', (args) => started('/bin/sh', ['-c', args[0]], true));
}

/** Further subjects, one file each. */
function watchSubjects() {
  const shared = { apply, has, WORD, tell, stackNow, wrap };
  part('./node/files.cjs')(shared);
  part('./node/network.cjs')(shared);
  // `import { execSync } from 'node:child_process'` has its own copies.
  require('module').syncBuiltinESMExports();
}

// ---------------------------------------------------------------------------------------------
// Prototypes.

const PROTOTYPES = [
  ['Object', Object], ['Array', Array], ['Function', Function], ['String', String], ['Number', Number],
  ['Boolean', Boolean], ['Symbol', Symbol], ['Date', Date], ['RegExp', RegExp], ['Map', Map], ['Set', Set],
  ['Promise', Promise], ['Error', Error],
].map(([name, it]) => {
  const object = it.prototype;
  return { name: `${name}.prototype`, object, known: ownKeys(object).length, told: create(null) };
});

/** Looks for keys that were not there before. */
function lookAtPrototypes() {
  for (let at = 0; at < PROTOTYPES.length; at += 1) {
    const prototype = PROTOTYPES[at];
    const keys = ownKeys(prototype.object);
    if (keys.length === prototype.known) continue;
    for (let key = 0; key < keys.length; key += 1) {
      if (!has(NONCE, keys[key]) || prototype.told[keys[key]] === true) continue;
      prototype.told[keys[key]] = true;
      tell({ kind: 'prototype', object: prototype.name, key: keys[key] });
    }
    prototype.known = keys.length;
  }
}

// Kept here: old versions of Node.js keep no channel for the sake of its subscribers.
const channels = require('diagnostics_channel');
// Our client tells here, before it sends an answer.
const answered = channels.channel('evfuzz.answered');
// Lambda's own client answers through Node.js' http.
const requests = channels.channel('http.client.request.start');

function watchPrototypes() {
  // Versions of Lambda's own client that answer through native code say nothing: there a timer looks now and then. It
  // keeps no process alive, and ends once our client is heard.
  const timer = setInterval(lookAtPrototypes, PAUSE).unref();
  answered.subscribe(() => {
    clear(timer);
    lookAtPrototypes();
  });
  requests.subscribe(({ request }) => {
    try {
      if (apply(startsWith, String(request.path), ['/2018-06-01/runtime/invocation/'])) lookAtPrototypes();
    } catch {
      lost += 1;
    }
  });
}

// Our client tells here that nothing is left to do although the handler's promise is not settled.
function watchPromises() {
  channels.channel('evfuzz.unsettled').subscribe(() => tell({ kind: 'unsettled' }));
}

try {
  place = ours();
  if (isMainThread) hide();
  if (place !== undefined) {
    const queries = part('./node/queries.cjs')({ has, miss, tell: (it) => tell({ ...it, stack: stackNow() }), WORD, LONGEST });
    const loaded = part('./node/drivers.cjs')({ wrap }, queries);
    watchPrograms();
    watchPrototypes();
    watchPromises();
    watchSubjects();
    watchSources(loaded);
  }
} catch {
  // Unobserved: what is not told is not found, and nothing else changes.
}
