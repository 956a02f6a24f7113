// Streamed answers: a request to the Runtime API whose body is sent as the handler writes it.
//
// Lambda's clients hand a handler a thin cover of Node.js' own http.ClientRequest. So does this
// one, because everything about it shows: when the head is sent (with the first write), that an
// error before that is no error post but an empty stream with trailers, events, back pressure,
// what happens after `end` and `destroy`. It has a connection of its own, as there.
'use strict';

const http = require('http');
const net = require('net');
const { CLIENT } = require('./version.cjs');
const { faults, describe } = require('./faults.cjs');
const { API, place } = require('./connection.cjs');

const { request: pristineRequest } = http;
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

const ERROR_TYPE = 'Lambda-Runtime-Function-Error-Type';
const ERROR_BODY = 'Lambda-Runtime-Function-Error-Body';

// What the cover lets through.
const METHODS = ['cork', 'destroy', 'end', 'uncork', 'write'].concat(
  CLIENT === 3
    ? ['addListener', 'emit', 'eventNames', 'getMaxListeners', 'listenerCount', 'listeners', 'off', 'on',
        'once', 'prependListener', 'prependOnceListener', 'rawListeners', 'removeAllListeners',
        'removeListener', 'setMaxListeners']
    : ['addListener', 'on', 'once', 'prependListener', 'prependOnceListener', 'off', 'removeListener',
        'removeAllListeners', 'setMaxListeners', 'getMaxListeners', 'listeners', 'rawListeners',
        'listenerCount', 'eventNames', 'emit'],
  'setContentType',
);
const WRITABLE = CLIENT === 3 ? ['destroyed', 'writable', '_onBeforeFirstWrite'] : ['destroyed', '_onBeforeFirstWrite'];
const READABLE =
  CLIENT === 3
    ? ['writableFinished', 'writableObjectMode', 'writableBuffer', 'writableEnded', 'writableNeedDrain',
        'writableHighWaterMark', 'writableCorked', 'writableLength']
    : ['writableFinished', 'writableObjectMode', 'writableEnded', 'writableNeedDrain',
        'writableHighWaterMark', 'writableCorked', 'writableLength', 'writable'];

/**
 * Opens the answer to `invocation`.
 *
 * Returns the stream for the handler, a promise that ends with the API's answer, and a function
 * that ends the stream with an error and calls back once that is done with.
 */
function openStream(invocation, highWaterMark) {
  let hasWritten = false;
  let hasHead = false;
  const headers = {
    'Lambda-Runtime-Function-Response-Mode': 'streaming',
    Trailer: [ERROR_TYPE, ERROR_BODY],
    'Content-Type': 'application/octet-stream',
  };
  if (CLIENT === 4) headers['Transfer-Encoding'] = 'chunked';
  if (invocation.invocationId !== undefined) headers['Lambda-Runtime-Invocation-Id'] = invocation.invocationId;

  agent.createConnection = (options, then) => net.createConnection({ ...options, highWaterMark }, then);
  // Client 3 uses what the function may have made of `http`.
  const open = CLIENT === 3 ? http.request : pristineRequest;
  let resolve;
  let reject;
  const answered = new Promise((onAnswer, onError) => {
    resolve = onAnswer;
    reject = onError;
  });
  const request = open(
    {
      method: 'POST',
      hostname: place.host,
      port: place.port,
      path: `${API}/${invocation.path}/response`,
      headers,
      agent,
    },
    (response) => {
      hasHead = true;
      response.on('data', () => {});
      response.on('aborted', (error) => {
        reject(error);
        request.destroy(error);
      });
      response.on('end', () => resolve());
    },
  );
  request.on('error', (error) => {
    // Lambda's clients keep a promise of the head that nobody waits for: this ends the process.
    if (!hasHead) Promise.reject(error);
    reject(error);
    request.destroy(error);
  });

  request.setContentType = (type) => {
    if (hasWritten) throw new faults.InvalidStreamingOperation('Cannot set content-type, too late.');
    request.setHeader('Content-Type', type);
  };
  const write = request.write.bind(request);
  request.write = (chunk, encoding, callback) => {
    // As in Lambda's clients: undefined and null are refused here.
    void chunk.length;
    if (!hasWritten && typeof request._onBeforeFirstWrite === 'function') {
      // What cannot be written still comes after what stands before it.
      const data = bytesOf(chunk);
      request._onBeforeFirstWrite((before) => write(before));
      const isFlowing = write(data, encoding, callback);
      hasWritten = true;
      return isFlowing;
    }
    const isFlowing = write(bytesOf(chunk), encoding, callback);
    hasWritten = true;
    return isFlowing;
  };
  const end = request.end.bind(request);
  if (CLIENT === 3) {
    request.end = (last) => {
      end(last);
    };
  }

  const fail = (error, then) => {
    const description = describe(error);
    request.addTrailers({
      [ERROR_TYPE]: description.errorType,
      [ERROR_BODY]: Buffer.from(JSON.stringify(description)).toString('base64'),
    });
    let isDone = false;
    const done = () => {
      if (isDone) return;
      isDone = true;
      then();
    };
    end(() => {
      // The next event is asked for on another connection: not before this is through.
      if (request.destroyed) done();
      else answered.then(done, done);
    });
    request.once('close', done);
  };
  return { stream: covered(request), answered: CLIENT === 3 ? answered.then(() => {}) : answered, fail };
}

function bytesOf(chunk) {
  const isPlain = CLIENT === 3 ? chunk.constructor === Uint8Array : chunk instanceof Uint8Array;
  return typeof chunk === 'string' || Buffer.isBuffer(chunk) || isPlain ? chunk : JSON.stringify(chunk);
}

function covered(request) {
  const stream = {};
  for (const name of METHODS) stream[name] = request[name].bind(request);
  for (const name of WRITABLE) {
    Object.defineProperty(stream, name, {
      get: () => request[name],
      set: (value) => {
        request[name] = value;
      },
    });
  }
  for (const name of READABLE) Object.defineProperty(stream, name, { get: () => request[name] });
  return stream;
}

module.exports = { openStream };
