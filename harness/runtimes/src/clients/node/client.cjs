// evfuzz: Lambda Runtime API client for Node.js.
//
// Runs in the function's process, so it keeps to itself: no globals but `awslambda`, which the
// managed runtime has too, and no changes to anything built in. Values that a function could
// replace (JSON, process.exit, …) are taken before its code is loaded. The files beside this one hold
// how answers are read, what errors look like, and how a handler is found.
//
// Speed comes from one socket and one write per invocation: the answer and the request for the
// next event travel together. Behaviour follows the managed runtimes: up to Node 22 the process
// reports uncaught errors itself and an empty event loop ends an invocation; from Node 24 on
// neither is true and callback handlers are refused.
'use strict';

const fs = require('fs');
const net = require('net');
const { Writable } = require('stream');
const { answerReader } = require('./answers.cjs');
const { RuntimeFault, faultFrom, describe } = require('./faults.cjs');
const { load } = require('./load.cjs');

const { parse: parseJson, stringify: toJson } = JSON;
const { byteLength, from: toBuffer, concat: concatBuffers } = Buffer;
const { assign } = Object;
const now = Date.now;
const exit = process.exit.bind(process);

// The managed runtimes up to nodejs22.x contain version 3 of Lambda's client, later ones version 4.
const LEGACY = parseInt(process.versions.node, 10) < 24;
const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const HTTP_STREAM_TYPE = 'application/vnd.awslambda.http-integration-response';
const API = '/2018-06-01/runtime';

const api = process.env.AWS_LAMBDA_RUNTIME_API || '';
const NEXT = `GET ${API}/invocation/next HTTP/1.1\r\nHost: ${api}\r\n\r\n`;

// Set once the function is loaded.
let handler;
let isAsync = false;
let isStreaming = false;
// 'loading', then 'running'; 'dying' once the process has reported its end and awaits the answer.
let state = 'loading';
// The invocation that is not answered yet, if any.
let current = null;
let traceId;

const constants = {
  functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
  functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
  memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
  logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
};

// ---------------------------------------------------------------------------------------------
// What the log says.

/** Writes what the managed runtime would log, before anything that follows on the socket. */
function log(title, error) {
  const { errorType, errorMessage, trace } = describe(error);
  const text = toJson({ errorType, errorMessage, stack: trace });
  const id = current === null ? 'undefined' : current.id;
  try {
    fs.writeSync(2, `${new Date().toISOString()}\t${id}\tERROR\t${title} \t${text}\n`);
  } catch (_) {
    // A closed or full log is no reason to fail.
  }
}

// ---------------------------------------------------------------------------------------------
// Requests: written as text; their answers arrive in the same order.

let socket = null;
// What is asked and not answered: 'next' or 'ack'.
const expected = [];

function connect(then) {
  const colon = api.lastIndexOf(':');
  const port = Number(api.slice(colon + 1));
  if (colon < 1 || !(port > 0)) {
    fs.writeSync(2, `evfuzz client: AWS_LAMBDA_RUNTIME_API is "${api}", expected host:port\n`);
    exit(1);
  }
  let connected = false;
  const buffer = Buffer.allocUnsafeSlow(65536);
  const receive = answerReader(finish);
  socket = net.connect({
    host: api.slice(0, colon),
    port,
    onread: { buffer, callback: (length) => (receive(buffer.subarray(0, length)), true) },
  });
  socket.setNoDelay(true);
  // The harness is gone: nobody is left to talk to.
  const gone = (error) => {
    if (connected) exit(state === 'dying' ? dyingCode : 0);
    fs.writeSync(2, `evfuzz client: cannot reach ${api}: ${error && error.message}\n`);
    exit(1);
  };
  socket.on('error', gone);
  socket.on('end', gone);
  socket.on('close', gone);
  socket.on('connect', () => {
    connected = true;
    then();
  });
}

function finish(answer, body) {
  if (answer.status === 100) return;
  if (expected.shift() !== 'next') {
    // A refused answer (too large, too late) is the emulator's business, so the status is not
    // looked at: the request for the next event is already on its way.
    if (state === 'dying' && expected.length === 0) exit(dyingCode);
    return;
  }
  if (state === 'dying') return;
  if (answer.status !== 200) {
    fs.writeSync(2, `evfuzz client: status ${answer.status} for next: ${body}\n`);
    exit(1);
  }
  invoke(answer, body);
}

function post(what, invocation, extra, body) {
  const nonce =
    invocation !== null && invocation.invocationId !== undefined
      ? `Lambda-Runtime-Invocation-Id: ${invocation.invocationId}\r\n`
      : '';
  return (
    `POST ${API}/${what} HTTP/1.1\r\nHost: ${api}\r\nContent-Type: application/json\r\n` +
    `${nonce}${extra}Content-Length: ${byteLength(body)}\r\n\r\n${body}`
  );
}

function postError(what, invocation, error) {
  const description = describe(error);
  // A header cannot hold everything that an error's name can.
  const type = description.errorType.replace(/[^\x20-\x7e]/g, '?');
  const header = `Lambda-Runtime-Function-Error-Type: ${type}\r\n`;
  return post(what, invocation, header, toJson(description));
}

/** Sends an answer and asks for the next event, in one write. */
function answerAndAskNext(request) {
  current = null;
  expected.push('ack', 'next');
  socket.ref();
  socket.write(typeof request === 'string' ? request + NEXT : concatBuffers([request, toBuffer(NEXT)]));
}

let dyingCode = 0;

/** Reports the end of the process, awaits the answer, exits with `code`. */
function die(error, code) {
  if (state === 'dying') return;
  const wasLoading = state === 'loading';
  const invocation = current;
  state = 'dying';
  dyingCode = code;
  // Between two invocations there is nothing to report it to: the exit code tells.
  if (!wasLoading && invocation === null) exit(code);
  // An emulator that does not answer must not keep the process alive.
  setTimeout(() => exit(code), 2000);
  const request = wasLoading
    ? postError('init/error', null, error)
    : postError(`invocation/${encodeURIComponent(invocation.id)}/error`, invocation, error);
  const send = () => {
    expected.push('ack');
    socket.ref();
    socket.write(request);
  };
  if (socket === null) connect(send);
  else send();
}

// ---------------------------------------------------------------------------------------------
// Invocations.

function invoke(invocation, body) {
  current = invocation;
  if (invocation.traceId !== traceId) {
    traceId = invocation.traceId;
    if (traceId === undefined) delete process.env._X_AMZN_TRACE_ID;
    else process.env._X_AMZN_TRACE_ID = traceId;
  }
  // While the function works the socket must not count as work: an event loop that has nothing
  // else to do means something, see `beforeExit`.
  socket.unref();

  let finished = false;
  let waitsForEmptyEventLoop = true;
  const where = `invocation/${encodeURIComponent(invocation.id)}`;

  const answerError = (error) => {
    log('Invoke Error', error);
    answerAndAskNext(postError(`${where}/error`, invocation, error));
  };
  const answer = (result) => {
    if (current !== invocation || state === 'dying') return;
    let text;
    try {
      text = toJson(result === undefined ? null : result);
    } catch (_) {
      text = undefined;
    }
    if (text === undefined) answerError(new Error('Unable to stringify response body'));
    else answerAndAskNext(post(`${where}/response`, invocation, '', text));
  };
  const settle = (error, result) => {
    if (finished || state === 'dying') return;
    finished = true;
    if (error !== undefined && error !== null) answerError(error);
    else answer(result);
  };
  const succeed = (result) => settle(null, result);
  const fail = (error) => settle(error === undefined || error === null ? 'handled' : error);

  invocation.onEmptyLoop = () => {
    finished = true;
    if (!isAsync || isStreaming) return answer(null);
    return answerError(
      new RuntimeFault(
        'NodeJsExit',
        'The Lambda runtime client detected an unexpected Node.js exit code. This is most ' +
          'commonly caused by a Promise that was never settled. For more information, see ' +
          'https://nodejs.org/docs/latest/api/process.html#exit-codes',
      ),
    );
  };

  const context = LEGACY
    ? {
        get callbackWaitsForEmptyEventLoop() { return waitsForEmptyEventLoop; },
        set callbackWaitsForEmptyEventLoop(value) { waitsForEmptyEventLoop = value; },
        succeed,
        fail,
        done: settle,
      }
    : {};

  if (!LEGACY) {
    // Lambda's client 4 parses outside of its error handling: an event that is not JSON ends
    // the process.
    complete(context, invocation);
    const event = parseJson(body);
    run(event, context, succeed, fail);
    return;
  }

  const callback = (error, result) => {
    if (finished || state === 'dying') return;
    if ((error !== undefined && error !== null) || !waitsForEmptyEventLoop) {
      settle(error, result);
      return;
    }
    finished = true;
    invocation.onEmptyLoop = () => answer(result);
  };
  try {
    const event = parseJson(body);
    complete(context, invocation);
    if (isStreaming) {
      run(event, context, succeed, fail);
      return;
    }
    // A plain value is ignored: up to Node 22 only promises and callbacks answer.
    const result = handler(event, context, callback);
    if (result && typeof result.then === 'function') result.then(succeed, fail);
  } catch (error) {
    callback(error === undefined || error === null ? 'handled' : error);
  }
}

/** Calls the handler as from Node 24 on: whatever it returns or throws is the answer. */
async function run(event, context, succeed, fail) {
  let result;
  try {
    if (isStreaming) {
      await runStreaming(event, context);
      return;
    }
    result = await handler(event, context);
  } catch (error) {
    fail(error);
    return;
  }
  succeed(result);
}

/** Adds what the service knows. The order of the keys is that of the managed runtime. */
function complete(context, invocation) {
  const { deadline } = invocation;
  assign(context, constants, {
    clientContext: headerJson(invocation.clientContext, 'ClientContext'),
    identity: headerJson(invocation.identity, 'CognitoIdentity'),
    invokedFunctionArn: invocation.arn,
    awsRequestId: invocation.id,
    tenantId: invocation.tenantId,
    getRemainingTimeInMillis: () => deadline - now(),
  });
}

function headerJson(value, name) {
  if (value === undefined || value === '') return undefined;
  try {
    return parseJson(toBuffer(value, 'latin1').toString('utf8'));
  } catch (error) {
    throw new Error(`Cannot parse ${name} as json: ${error}`);
  }
}

// ---------------------------------------------------------------------------------------------
// Streaming handlers: the stream is collected and posted as one answer.

class CollectedStream extends Writable {
  constructor() {
    super();
    this.parts = [];
    this.contentType = 'application/octet-stream';
  }

  setContentType(type) {
    this.contentType = type;
  }

  _write(chunk, _encoding, done) {
    if (this._onBeforeFirstWrite) {
      const before = this._onBeforeFirstWrite;
      this._onBeforeFirstWrite = undefined;
      before((text) => this.parts.push(toBuffer(text)));
    }
    this.parts.push(toBuffer(chunk));
    done();
  }
}

async function runStreaming(event, context) {
  const invocation = current;
  const stream = new CollectedStream();
  const promise = handler(event, stream, context);
  if (!promise || typeof promise.then !== 'function') {
    throw new Error('Streaming does not support non-async handlers.');
  }
  await promise;
  // `end` was called and its last write is still on its way.
  if (stream.writableEnded && !stream.writableFinished) {
    await new Promise((resolve) => stream.once('finish', resolve));
  }
  if (!stream.writableFinished) throw new Error('Response stream is not finished.');
  if (current !== invocation || state === 'dying') return;
  const body = concatBuffers(stream.parts);
  const request = post(`invocation/${encodeURIComponent(invocation.id)}/response`, invocation, '', '')
    .replace('Content-Type: application/json', () => `Content-Type: ${stream.contentType}`)
    .replace('Content-Length: 0', `Content-Length: ${body.length}`);
  answerAndAskNext(concatBuffers([toBuffer(request), body]));
}

globalThis.awslambda = {
  streamifyResponse(streamingHandler) {
    streamingHandler[STREAMING] = 'response';
    return streamingHandler;
  },
  HttpResponseStream: {
    from(stream, metadata) {
      stream.setContentType(HTTP_STREAM_TYPE);
      stream._onBeforeFirstWrite = (write) => {
        write(toJson(metadata));
        // Eight zero bytes end the metadata.
        write(new Uint8Array(8));
      };
      return stream;
    },
  },
};

// ---------------------------------------------------------------------------------------------
// The process.

process.on('beforeExit', () => {
  if (state === 'dying') return;
  if (state === 'running' && current !== null && LEGACY) {
    current.onEmptyLoop();
    return;
  }
  // Node's own code for "nothing left to do, and a promise is not settled".
  if (state === 'loading' || current !== null) exit(13);
});

if (LEGACY) {
  process.on('uncaughtException', (error) => {
    if (state === 'dying') return;
    log('Uncaught Exception', error);
    die(error, 129);
  });
  process.on('unhandledRejection', (reason) => {
    if (state === 'dying') return;
    const fault = faultFrom('UnhandledPromiseRejection', reason);
    log('Unhandled Promise Rejection', fault);
    die(fault, 128);
  });
}

function start(loaded) {
  if (state === 'dying') return;
  handler = loaded;
  isStreaming = handler[STREAMING] === 'response';
  isAsync = Boolean(handler.constructor) && handler.constructor.name === 'AsyncFunction';
  if (!LEGACY && !isStreaming && handler.length >= 3) {
    refuse(
      new RuntimeFault(
        'CallbackHandlerDeprecated',
        'ERROR: AWS Lambda has removed support for callback-based function handlers starting ' +
          'with Node.js 24. You need to modify this function to use a supported handler ' +
          'signature to use Node.js 24 or later.',
      ),
    );
    return;
  }
  state = 'running';
  connect(() => {
    expected.push('next');
    socket.write(NEXT);
  });
}

function refuse(error) {
  if (state === 'dying') return;
  log('Init Error', error);
  die(error, 1);
}

const root = process.env.LAMBDA_TASK_ROOT || process.cwd();
load(root, process.env._HANDLER || '', { usesDefaultExport: !LEGACY }).then(start, refuse);
