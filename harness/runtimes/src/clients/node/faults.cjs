// Errors: names and shapes as the managed runtime posts and logs them.
'use strict';

const path = require('path');
const { types } = require('util');

const OWN_FOLDER = __dirname + path.sep;

class RuntimeFault extends Error {
  constructor(name, message) {
    super(message);
    this.name = `Runtime.${name}`;
    // `stack` was made before the name was set.
    this.stack = `${this.name}: ${message}`;
  }
}

/** A fault that is about `cause`: carries its stack, because it names the user's line. */
function faultFrom(name, cause) {
  try {
    const fault = new RuntimeFault(name, String(cause));
    if (cause && typeof cause.stack === 'string') fault.stack = `${fault.name}: ${cause.stack}`;
    return fault;
  } catch (_) {
    return new RuntimeFault(name, `[${typeof cause}]`);
  }
}

/** The lines of a stack without the frames of this client and of the socket that called it. */
function ownFramesRemoved(stack) {
  const lines = stack.split('\n');
  const kept = lines.filter((line) => !line.includes(OWN_FOLDER));
  if (kept.length !== lines.length) {
    while (kept.length > 1 && /^\s+at .*\(?node:/.test(kept[kept.length - 1])) kept.pop();
  }
  return kept;
}

function describe(error) {
  try {
    if (
      types.isNativeError(error) ||
      (error && typeof error.name === 'string' && typeof error.message === 'string' &&
        typeof error.stack === 'string')
    ) {
      return {
        errorType: String(error.name).replace(/\x7f/g, '%7F'),
        errorMessage: String(error.message).replace(/\x7f/g, '%7F'),
        trace: ownFramesRemoved(String(error.stack).replace(/\x7f/g, '%7F')),
      };
    }
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  } catch (_) {
    return {
      errorType: 'handled',
      errorMessage:
        'callback called with Error argument, but there was a problem while retrieving one or ' +
        'more of its message, name, and stack',
    };
  }
}

module.exports = { RuntimeFault, faultFrom, describe };
