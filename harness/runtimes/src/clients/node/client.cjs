// evfuzz: Lambda Runtime API client for Node.js.
//
// Runs in the function's process and behaves like Lambda's own client there, down to what a
// function can observe of it: version 3 as in the managed runtimes up to nodejs22.x, where the
// process reports uncaught errors itself and an empty event loop ends an invocation, or version 4
// as in nodejs24.x, where neither is true and callback handlers are refused. What differs:
//
// - Answers and requests for the next event share a socket and a write, see connection.cjs.
// - Stacks do not show this client, see faults.cjs.
// - Variables like AWS_LAMBDA_FUNCTION_NAME are read with the first event, not with each.
// - The invocation's id is sent back, which only newer clients of other languages do.
// - Before Node.js 20.16 there is a `process.mainModule`.
// - Without an API to talk to (the harness is gone) the process ends quietly.
'use strict';

const { CLIENT } = require('./version.cjs');
const { faults } = require('./faults.cjs');
const { load } = require('./load.cjs');
const console = require('./console.cjs');
const { current, refuse, serve, store, watch } = CLIENT === 3 ? require('./client3.cjs') : require('./client4.cjs');

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const HIGH_WATER_MARK = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark');
const HTTP_STREAM_TYPE = 'application/vnd.awslambda.http-integration-response';

let streaming;

/** Loaded for functions that stream only: Node.js' http takes its time. */
function openStream(...args) {
  if (streaming === undefined) streaming = require('./streaming.cjs');
  return streaming.openStream(...args);
}

class HttpResponseStream {
  static from(stream, prelude) {
    stream.setContentType(HTTP_STREAM_TYPE);
    const text = JSON.stringify(prelude);
    stream._onBeforeFirstWrite = (write) => {
      write(text);
      // Eight zero bytes end the metadata.
      write(new Uint8Array(8));
    };
    return stream;
  }
}

function setGlobals() {
  const wish = process.env.AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA;
  if (wish === '1' || wish === 'true') return;
  globalThis.awslambda = {
    streamifyResponse: (handler, options) => {
      handler[STREAMING] = 'response';
      if (options !== undefined && options !== null && typeof options.highWaterMark === 'number') {
        handler[HIGH_WATER_MARK] = parseInt(options.highWaterMark, 10);
      }
      return handler;
    },
    HttpResponseStream,
  };
  if (CLIENT === 4) globalThis.awslambda.InvokeStore = store;
}

function metadataOf(handler) {
  const mode = handler[STREAMING];
  const isOff = CLIENT === 3 ? mode === undefined || mode === null || mode === false : !mode;
  if (!isOff && mode !== 'response') {
    // Client 3 forgot to import the class of this error.
    if (CLIENT === 3) throw new ReferenceError('MalformedStreamingHandler is not defined');
    throw new faults.MalformedStreamingHandler('Only response streaming is supported.');
  }
  const mark = CLIENT === 3 ? parseInt(handler[HIGH_WATER_MARK], 10) : Number(handler[HIGH_WATER_MARK] || NaN);
  return {
    streaming: !isOff,
    highWaterMark: Number.isNaN(mark) ? undefined : mark,
    isAsync: Boolean(handler.constructor) && handler.constructor.name === 'AsyncFunction',
    argsNum: handler.length,
  };
}

/**
 * Lambda's client is an ES module, so there is no main script and none of its files in the cache.
 *
 * Before Node.js 20.16 the main script stays: without it code that a function is made to evaluate
 * has no way to start a program, and nothing would prove that it was evaluated.
 */
function hide() {
  if (process.getBuiltinModule !== undefined) delete process.mainModule;
  for (const file of Object.keys(require.cache)) {
    if (file.startsWith(__dirname)) delete require.cache[file];
  }
}

async function main() {
  setGlobals();
  watch(console.install(current));
  const root = process.env.LAMBDA_TASK_ROOT || process.cwd();
  let handler;
  let metadata;
  try {
    handler = await load(root, process.env._HANDLER || '');
    metadata = metadataOf(handler);
  } catch (error) {
    await refuse(error);
    return;
  }
  await serve(handler, metadata, metadata.streaming ? openStream : undefined);
}

hide();
main();
