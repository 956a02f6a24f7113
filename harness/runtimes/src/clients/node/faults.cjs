// Errors: what Lambda's clients raise themselves, and the shapes in which errors are posted and logged.
//
// One thing is done otherwise on purpose: frames of this client are left out of every stack, and
// errors that stand for another one show that one's frames instead. A finding is told apart by the
// line of the user's code, which Lambda's client 3 does not always post.
'use strict';

const path = require('path');
const { types } = require('util');
const { CLIENT } = require('./version.cjs');

const OWN_FOLDER = __dirname + path.sep;
// libcurl, which Lambda's clients send with, refuses a request whose head is longer than 1 MiB,
// and then the error is never posted. We post it without its cause.
const LONGEST_CAUSE = (1 << 20) - 1024;

/**
 * Makes a class of errors called `Runtime.NAME`; `className` is what logs in JSON call it.
 *
 * In client 4 the name is a property of the error itself, which shows in the log.
 */
function faultClass(name, className) {
  const title = `Runtime.${name}`;
  const Fault = {
    [className]: class extends Error {
      constructor(message) {
        super(message);
        if (CLIENT === 4) this.name = title;
      }
    },
  }[className];
  if (CLIENT === 3) Fault.prototype.name = title;
  return Fault;
}

const faults = {
  CallbackHandlerDeprecated: faultClass('CallbackHandlerDeprecated', 'CallbackHandlerDeprecatedError'),
  HandlerNotFound: faultClass('HandlerNotFound', CLIENT === 3 ? 'HandlerNotFound' : 'HandlerNotFoundError'),
  ImportModuleError: faultClass('ImportModuleError', 'ImportModuleError'),
  InvalidStreamingOperation: faultClass('InvalidStreamingOperation', 'InvalidStreamingOperation'),
  JSONStringifyError: faultClass('JSONStringifyError', 'JSONStringifyError'),
  MalformedHandlerName: faultClass(
    'MalformedHandlerName',
    CLIENT === 3 ? 'MalformedHandlerName' : 'MalformedHandlerNameError',
  ),
  MalformedStreamingHandler: faultClass('MalformedStreamingHandler', 'MalformedStreamingHandler'),
  NodeJsExit: faultClass('NodeJsExit', 'NodeJsExit'),
  PlatformError: faultClass('PlatformError', 'PlatformError'),
  UnhandledPromiseRejection: faultClass('UnhandledPromiseRejection', 'UnhandledPromiseRejection'),
  UserCodeSyntaxError: faultClass('UserCodeSyntaxError', 'UserCodeSyntaxError'),
};

/** A fault that stands for `cause`: has its text as message, and its frames. */
function faultFrom(name, cause) {
  // Client 3 hands the value itself to Error, which knows no undefined and refuses symbols.
  const fault = new faults[name](CLIENT === 3 ? cause : String(cause));
  const stack = cause !== null && typeof cause === 'object' ? cause.stack : undefined;
  if (typeof stack !== 'string') return fault;
  if (CLIENT === 4 && name === 'UserCodeSyntaxError') {
    fault.stack = stack;
  } else {
    const text = fault.message;
    const frames = stack.startsWith(text) ? stack.slice(text.length) : `\n${stack}`;
    fault.stack = `${fault.name}: ${text}${frames}`;
  }
  return fault;
}

/** The lines of a stack without the frames of this client and of the socket that called it. */
function lines(stack) {
  const all = stack.split('\n');
  if (!stack.includes(OWN_FOLDER)) return all;
  const kept = all.filter((line) => !line.includes(OWN_FOLDER) || !/^\s+at /.test(line));
  if (kept.length !== all.length) {
    while (kept.length > 1 && /^\s+at .*\(?node:/.test(kept[kept.length - 1])) kept.pop();
  }
  return kept;
}

// Lambda's clients replace DEL because it cannot be sent in a header.
function withoutDel(text) {
  return text.replace(/\x7f/g, '%7F');
}

/** The same for a property that may be missing. */
function textOf(property) {
  return property === undefined || property === null ? undefined : withoutDel(property);
}

function looksLikeError(value) {
  return Boolean(
    value && value.name && value.message && value.stack && typeof value.name === 'string' &&
      typeof value.message === 'string' && typeof value.stack === 'string',
  );
}

/** What is posted. */
function describe(error) {
  const unreadable = {
    errorType: 'handled',
    errorMessage:
      'callback called with Error argument, but there was a problem while retrieving one or ' +
      'more of its message, name, and stack',
  };
  if (CLIENT === 3) {
    try {
      if (types.isNativeError(error) || looksLikeError(error)) {
        return {
          errorType: textOf(error.name),
          errorMessage: textOf(error.message),
          trace: lines(withoutDel(error.stack)),
        };
      }
      return { errorType: typeof error, errorMessage: error.toString(), trace: [] };
    } catch (_) {
      return unreadable;
    }
  }
  try {
    if (error instanceof Error) {
      const { stack } = error;
      return {
        errorType: textOf(error.name),
        errorMessage: textOf(error.message),
        trace: stack === undefined || stack === null ? [] : lines(withoutDel(stack)),
      };
    }
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  } catch (_) {
    return { ...unreadable, trace: [] };
  }
}

/** The error that the log shows for `value`. */
function asError(value) {
  if (value instanceof Error) return value;
  return new Error(CLIENT === 3 ? value : String(value));
}

/** What the log in text form shows, after a tab. */
function describeForLog(error) {
  const withHidden = (_key, value) => {
    if (!(value instanceof Error)) return value;
    const shown = Object.assign(
      { errorType: value.name, errorMessage: value.message, code: value.code },
      value,
    );
    if (typeof value.stack === 'string') shown.stack = lines(value.stack);
    return shown;
  };
  try {
    return `\t${JSON.stringify(error, withHidden)}`;
  } catch (_) {
    return `\t${JSON.stringify(describe(error))}`;
  }
}

/** What X-Ray is told, as a header's value; empty if there is nothing to tell. */
function xrayCause(error) {
  try {
    const stack = error.stack ? lines(withoutDel(error.stack)).slice(1).map(xrayFrame) : [];
    const text = JSON.stringify({
      working_directory: process.cwd(),
      exceptions: [
        {
          type: textOf(error.name),
          message: textOf(error.message),
          stack,
        },
      ],
      paths: Array.from(new Set(stack.map((frame) => frame.path))),
    });
    return Buffer.byteLength(text) > LONGEST_CAUSE ? '' : text;
  } catch (_) {
    return '';
  }
}

function xrayFrame(text) {
  const line = text.trim().replace(/[()]/g, '');
  const place = line.slice(line.indexOf(' ') + 1);
  const space = place.lastIndexOf(' ');
  const label = space < 0 ? '' : place.slice(0, space);
  const [file, number] = (label === '' ? place : place.slice(space + 1)).split(':');
  return { path: file, line: parseInt(number, 10), label: label || 'anonymous' };
}

module.exports = { faults, faultFrom, describe, describeForLog, asError, lines, xrayCause };
