// HTTP answers: read from the bytes of one socket, in the order in which they come.
'use strict';

const { from: toBuffer, concat: concatBuffers } = Buffer;

/** Returns a function that takes bytes and calls `finish` with the head and the text of each answer. */
function answerReader(finish) {
  // Bytes before the end of a head, then the body that is being collected.
  let pending = null;
  let head = null;
  let chunks = [];
  let missing = 0;

  const done = (text) => {
    const answer = head;
    head = null;
    finish(answer, text);
  };

  /** `data` is only valid during the call: the socket reuses its buffer. */
  return function receive(data) {
    while (data.length > 0) {
      if (head === null) {
        if (pending !== null) {
          data = concatBuffers([pending, data]);
          pending = null;
        }
        const end = data.indexOf('\r\n\r\n');
        if (end < 0) {
          pending = toBuffer(data);
          return;
        }
        head = parseHead(data.utf8Slice(0, end));
        data = data.subarray(end + 4);
        missing = head.length;
        if (head.chunked) {
          // No known emulator answers in chunks, so simple is better than fast.
          const body = dechunk(data);
          if (body === null) {
            pending = concatBuffers([toBuffer(head.text + '\r\n\r\n'), data]);
            head = null;
            return;
          }
          data = body.rest;
          done(body.text);
          continue;
        }
        if (data.length >= missing) {
          const text = data.utf8Slice(0, missing);
          data = data.subarray(missing);
          done(text);
          continue;
        }
      }
      const part = data.subarray(0, missing);
      data = data.subarray(part.length);
      missing -= part.length;
      if (part.length > 0) chunks.push(toBuffer(part));
      if (missing > 0) return;
      const body = concatBuffers(chunks);
      chunks = [];
      done(body.utf8Slice(0, body.length));
    }
  };
}

function parseHead(text) {
  // All properties at once: a prototype that a function has changed must not show through. What
  // is absent or empty is what the native part of Lambda's clients makes of it.
  const found = {
    status: Number(text.slice(9, 12)),
    length: 0,
    chunked: false,
    text,
    id: '',
    deadline: 0,
    arn: '',
    traceId: undefined,
    clientContext: undefined,
    identity: undefined,
    tenantId: undefined,
    invocationId: undefined,
  };
  for (let end = text.indexOf('\r\n'); end >= 0; ) {
    const start = end + 2;
    const colon = text.indexOf(':', start);
    end = text.indexOf('\r\n', start);
    if (colon < 0) break;
    const value = (end < 0 ? text.slice(colon + 1) : text.slice(colon + 1, end)).trim();
    switch (text.slice(start, colon).toLowerCase()) {
      case 'content-length': found.length = Number(value); break;
      case 'transfer-encoding': found.chunked = /chunked/i.test(value); break;
      case 'lambda-runtime-aws-request-id': found.id = value; break;
      case 'lambda-runtime-deadline-ms': found.deadline = Number(value); break;
      case 'lambda-runtime-invoked-function-arn': found.arn = value; break;
      case 'lambda-runtime-trace-id': found.traceId = value || undefined; break;
      case 'lambda-runtime-client-context': found.clientContext = value || undefined; break;
      case 'lambda-runtime-cognito-identity': found.identity = value || undefined; break;
      case 'lambda-runtime-aws-tenant-id': found.tenantId = value || undefined; break;
      case 'lambda-runtime-invocation-id': found.invocationId = value || undefined; break;
      default:
    }
  }
  return found;
}

/** The decoded body and what follows it, or null while chunks are missing. */
function dechunk(data) {
  const parts = [];
  let at = 0;
  for (;;) {
    const end = data.indexOf('\r\n', at);
    if (end < 0) return null;
    const size = parseInt(data.latin1Slice(at, end), 16);
    at = end + 2;
    if (size === 0) {
      const trailer = data.indexOf('\r\n', at);
      if (trailer < 0) return null;
      const whole = concatBuffers(parts);
      return { text: whole.utf8Slice(0, whole.length), rest: data.subarray(trailer + 2) };
    }
    if (data.length < at + size + 2) return null;
    parts.push(data.subarray(at, at + size));
    at += size + 2;
  }
}

module.exports = { answerReader };
