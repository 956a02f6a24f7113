// The connection to the Runtime API: requests as text, answers in the same order.
//
// Speed comes from one socket and one write per invocation: the answer and the request for the
// next event travel together. Lambda's clients use several connections and send `User-Agent`,
// `Accept` and `Expect`, which say nothing that the API uses; we leave them out.
'use strict';

const fs = require('fs');
const net = require('net');
const { channel } = require('diagnostics_channel');
const { answerReader } = require('./answers.cjs');
const { whenReady } = require('./blocking.cjs');
const { describe, xrayCause } = require('./faults.cjs');

const { byteLength } = Buffer;
const exit = process.exit.bind(process);
// For observers: an answer is on its way, and the function's turn is over.
const answered = channel('evfuzz.answered');
const later = setTimeout;

const API = '/2018-06-01/runtime';
const api = process.env.AWS_LAMBDA_RUNTIME_API || '';
const colon = api.lastIndexOf(':');
const place = { host: api.slice(0, colon), port: Number(api.slice(colon + 1)) };
const NEXT = `GET ${API}/invocation/next HTTP/1.1\r\nHost: ${api}\r\n\r\n`;
// Longest wait for the answer to the last words of a process.
const PATIENCE = 2000;
const PLAIN = /^[\w-]+$/;

let socket = null;
// What is asked on the socket and not answered: 'next' or 'ack'.
const expected = [];
// Set while the next event is asked for and has not come.
let awaiting = null;
// Once the process has reported its end nothing else may be sent.
let isEnding = false;

/** Connects unless that is done, then calls `then`. */
function connect(then) {
  if (socket !== null) {
    then();
    return;
  }
  if (colon < 1 || !(place.port > 0)) {
    fs.writeSync(2, `evfuzz client: AWS_LAMBDA_RUNTIME_API is "${api}", expected host:port\n`);
    exit(1);
  }
  let isConnected = false;
  const buffer = Buffer.allocUnsafeSlow(65536);
  const receive = answerReader(finish);
  socket = net.connect({
    ...place,
    onread: { buffer, callback: (length) => (receive(buffer.subarray(0, length)), true) },
  });
  socket.setNoDelay(true);
  // The harness is gone: nobody is left to talk to.
  const gone = (error) => {
    if (isEnding) return;
    if (isConnected) exit(0);
    fs.writeSync(2, `evfuzz client: cannot reach ${api}: ${error && error.message}\n`);
    exit(1);
  };
  socket.on('error', gone);
  socket.on('end', gone);
  socket.on('close', gone);
  socket.on('connect', () => {
    isConnected = true;
    then();
  });
}

function finish(head, body) {
  if (head.status === 100) return;
  // A refused answer (too large, too late) is the emulator's business, so the status is not looked
  // at: the request for the next event is already on its way. Lambda's clients ignore it too.
  if (expected.shift() !== 'next' || isEnding) return;
  // While the function works the socket must not count as work: an event loop that has nothing
  // else to do means something.
  socket.unref();
  const wake = awaiting;
  awaiting = null;
  wake({ head, body });
}

/** The next event, which has been asked for by `answer` or `askNext`, or is now. */
function next() {
  return new Promise((resolve) => {
    const isAsked = expected.includes('next');
    awaiting = resolve;
    if (!isAsked) askNext();
  });
}

function askNext() {
  if (isEnding || expected.includes('next')) return;
  expected.push('next');
  socket.ref();
  socket.write(NEXT);
}

/** Sends an answer and asks for the next event, in one write. */
function answer(request) {
  if (isEnding) return;
  if (answered.hasSubscribers) answered.publish(undefined);
  if (expected.includes('next')) {
    // An answer to an earlier invocation. On this socket it would not be read before the next
    // event has come.
    aside(request, () => {});
    return;
  }
  expected.push('ack', 'next');
  socket.ref();
  socket.write(request + NEXT);
}

/** Sends `request` on a connection of its own and calls `then` once it is answered, or cannot be. */
function aside(request, then) {
  const other = net.connect(place);
  let isDone = false;
  const done = () => {
    if (isDone) return;
    isDone = true;
    other.destroy();
    then();
  };
  // What the answer says does not matter, and the API begins none before it has read the request.
  other.on('data', done);
  other.on('error', done);
  other.on('close', done);
  other.write(request);
}

/** Whether this process has sent its last words. */
function hasEnded() {
  return isEnding;
}

/**
 * Sends the last words of this process, then calls `leave`.
 *
 * Lambda's clients post them synchronously: after an uncaught error nothing of the function runs
 * any more. So do we, unless the connection waits for the next event.
 */
function endWith(request, leave) {
  if (isEnding) return;
  isEnding = true;
  if (answered.hasSubscribers) answered.publish(undefined);
  const isBusy = socket === null || socket.connecting || expected.length > 0;
  if (!isBusy && postNow(request)) {
    leave();
    return;
  }
  later(leave, PATIENCE);
  // The next event is not for this process: unread, it goes to another.
  if (socket !== null) socket.pause();
  aside(request, leave);
}

/** Writes to the idle socket and waits for an answer, without the event loop; false if that fails. */
function postNow(request) {
  const descriptor = socket._handle ? socket._handle.fd : -1;
  if (!(descriptor >= 0) || socket.writableLength > 0) return false;
  const until = Date.now() + PATIENCE;
  const bytes = Buffer.from(request);
  let at = 0;
  try {
    while (at < bytes.length) at += whenReady(() => fs.writeSync(descriptor, bytes, at), until);
  } catch (_) {
    return at > 0;
  }
  try {
    whenReady(() => fs.readSync(descriptor, Buffer.allocUnsafe(4096)), until);
  } catch (_) {
    // All is sent; nobody waits longer for the answer.
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// Requests.

/** A POST to `what` with `extra` header lines, which end in CRLF. */
function post(what, extra, body) {
  return (
    `POST ${API}/${what} HTTP/1.1\r\nHost: ${api}\r\nContent-Type: application/json\r\n` +
    `${extra}Content-Length: ${byteLength(body)}\r\n\r\n${body}`
  );
}

/** The invocation that `head` began, as the Runtime API needs to be told with each answer. */
function invocationOf(head) {
  const { id, invocationId } = head;
  if (head.status !== 200) throw new Error(`Failed to get next invocation, error ${head.status}`);
  if (id === '') throw new Error('Failed to get next invocation, error -1');
  return {
    invocationId,
    // Encoding takes longer than finding that there is nothing to encode.
    path: `invocation/${PLAIN.test(id) ? id : encodeURIComponent(id)}`,
    // Newer clients of other languages send it back; the Node.js ones do not yet.
    echo: invocationId === undefined ? '' : `Lambda-Runtime-Invocation-Id: ${invocationId}\r\n`,
  };
}

function responseTo(invocation, text) {
  return post(`${invocation.path}/response`, invocation.echo, text);
}

function errorTo(invocation, error) {
  // In this order, as a getter of the error could notice.
  const text = JSON.stringify(describe(error));
  const cause = xrayCause(error);
  const extra = cause === '' ? '' : `Lambda-Runtime-Function-XRay-Error-Cause: ${cause}\r\n`;
  return post(`${invocation.path}/error`, invocation.echo + extra, text);
}

/** The error that ends an initialization. Throws what Node.js throws for a name that no header can hold. */
function initError(error) {
  const description = describe(error);
  const text = JSON.stringify(description);
  const name = 'Lambda-Runtime-Function-Error-Type';
  require('http').validateHeaderValue(name, description.errorType);
  return post('init/error', `${name}: ${description.errorType}\r\n`, text);
}

module.exports = {
  API, aside, answer, askNext, connect, endWith, errorTo, hasEnded, initError, invocationOf, next, place, responseTo,
};
