// Log records: what `console` writes, and where to.
//
// As Lambda's clients do, `console`'s methods are replaced: a record has a time, the request's id
// and a level, as a line of text or as JSON, and goes to stdout or, framed, to the descriptor that
// the platform passes in _LAMBDA_TELEMETRY_LOG_FD. What a function writes to stdout or stderr by
// other means is left alone.
'use strict';

const fs = require('fs');
const { format } = require('util');
const { whenReady } = require('./blocking.cjs');
const { CLIENT } = require('./version.cjs');
const { asError, describeForLog, lines } = require('./faults.cjs');

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
// Both clients: the first word of a frame is one of these and, from the third bit on, the level.
const FRAME_TEXT = 0xa55a0003;
const FRAME_JSON = 0xa55a0002;

/**
 * Replaces `console`'s methods. `current` tells the request's id and the tenant's.
 *
 * Returns the function that logs an error the way the runtime does, as a title and an error.
 */
function install(current) {
  const isJson = (process.env.AWS_LAMBDA_LOG_FORMAT || '').toUpperCase() === 'JSON';
  const least = Math.max(0, LEVELS.indexOf((process.env.AWS_LAMBDA_LOG_LEVEL || '').toUpperCase()));
  const log = logTo(takeDescriptor(), isJson, current);

  const method = (name) => {
    const level = LEVELS.indexOf(name);
    if (level < least) return () => {};
    return (message, ...params) => log(level, message, params);
  };
  console.trace = method('TRACE');
  console.debug = method('DEBUG');
  console.info = method('INFO');
  console.warn = method('WARN');
  console.error = method('ERROR');
  console.fatal = method('FATAL');
  console.log = console.info;

  // Through `console`, so that the level counts and a function that replaces its methods sees it.
  if (isJson) return (_title, error) => console.error(asError(error));
  return (title, error) => console.error(title, describeForLog(asError(error)));
}

/** The descriptor for frames, if there is one. Children must not write to it, so it is not passed on. */
function takeDescriptor() {
  const text = process.env._LAMBDA_TELEMETRY_LOG_FD;
  if (text === undefined) return undefined;
  delete process.env._LAMBDA_TELEMETRY_LOG_FD;
  if (CLIENT === 3) return parseInt(text, 10);
  // Client 4 takes 0 for "not set".
  const descriptor = Number(text);
  return Number.isInteger(descriptor) && descriptor > 0 ? descriptor : undefined;
}

function logTo(descriptor, isJson, current) {
  const line = (time, level, message, params) => {
    if (isJson) return jsonRecord(time, level, message, params, current);
    return `${time.toISOString()}\t${current.requestId()}\t${LEVELS[level]}\t${format(message, ...params)}`;
  };
  if (descriptor === undefined) {
    return (level, message, params) => {
      // A line is a record, so a line feed within one becomes a carriage return.
      process.stdout.write(`${line(new Date(), level, message, params).replace(/\n/g, '\r')}\n`);
    };
  }
  return (level, message, params) => {
    const time = new Date();
    const text = line(time, level, message, params);
    const type = (isJson ? FRAME_JSON : FRAME_TEXT) | ((level + 1) << 2);
    writeFrame(descriptor, type >>> 0, time, isJson ? text : `${text}\n`);
  };
}

function jsonRecord(time, level, message, params, current) {
  const record = {
    timestamp: time.toISOString(),
    level: LEVELS[level],
    requestId: current.requestId(),
  };
  const tenantId = current.tenantId();
  if (tenantId) record.tenantId = tenantId;
  if (params.length === 0) {
    record.message = message;
    try {
      return JSON.stringify(record, withErrors);
    } catch (_) {
      record.message = format(message);
      return JSON.stringify(record);
    }
  }
  record.message = format(message, ...params);
  // Client 4 does not look at the first argument.
  const error = (CLIENT === 3 ? [message, ...params] : params).find((it) => it instanceof Error);
  if (error !== undefined) Object.assign(record, fields(error, []));
  return JSON.stringify(record);
}

function withErrors(_key, value) {
  return value instanceof Error ? Object.assign(fields(value, value.stack), value) : value;
}

function fields(error, otherStack) {
  const { constructor } = error;
  const name = constructor === undefined || constructor === null ? undefined : constructor.name;
  return {
    errorType: name === undefined || name === null ? 'UnknownError' : name,
    errorMessage: error.message,
    stackTrace: typeof error.stack === 'string' ? lines(error.stack) : otherStack,
  };
}

/**
 * Type and length, 4 bytes each, the time in microseconds, 8 bytes, big endian; then the text.
 *
 * In one write, so that frames of several writers do not mix as long as the system does not part them.
 */
function writeFrame(descriptor, type, time, text) {
  const length = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(16 + length);
  frame.writeUInt32BE(type, 0);
  frame.writeUInt32BE(length, 4);
  frame.writeBigInt64BE(BigInt(time.valueOf()) * 1000n, 8);
  frame.utf8Write(text, 16, length);
  // A reader may be slow: half a frame would make the rest unreadable.
  let at = 0;
  while (at < frame.length) at += whenReady(() => fs.writeSync(descriptor, frame, at));
}

module.exports = { install };
