// Invocations as in client 3: answered by a promise, a callback or an empty event loop.
//
// The odd turns are client 3's and are kept, because functions meet them: what is thrown
// synchronously goes to the callback, so `throw null` is a success; a result that is not JSON is an
// error of the invocation or of the process, depending on who was waiting.
'use strict';

const { channel } = require('diagnostics_channel');
const { faults, faultFrom } = require('./faults.cjs');
const connection = require('./connection.cjs');
const { headerJson, setTraceId } = require('./context.cjs');

// Where client 3 keeps things for everybody to see.
const REQUEST_ID = Symbol.for('aws.lambda.runtime.requestId');
const TENANT_ID = Symbol.for('aws.lambda.runtime.tenantId');
// For observers: the promise of the handler is given up, and what is answered is not its doing.
const abandoned = channel('evfuzz.unsettled');
const BEFORE_EXIT = Symbol.for('aws.lambda.beforeExit');

const nothing = () => {};
const onEmptyLoop = (listener) => {
  globalThis[BEFORE_EXIT] = listener;
};

/** What log records are marked with. */
const current = {
  requestId: () => globalThis[REQUEST_ID],
  tenantId: () => globalThis[TENANT_ID],
};

let logError;
// Tells the Runtime API of an error that ends the process, with this exit code.
let report = (error, code) => connection.endWith(connection.initError(error), () => process.exit(code));

/** Watches over the process. Before anything of the function runs. */
function watch(log) {
  logError = log;
  process.on('uncaughtException', (error) => {
    if (connection.hasEnded()) return;
    logError('Uncaught Exception', error);
    report(error, 129);
  });
  process.on('unhandledRejection', (reason, promise) => {
    if (connection.hasEnded()) return;
    const fault = faultFrom('UnhandledPromiseRejection', reason);
    fault.reason = reason;
    fault.promise = promise;
    logError('Unhandled Promise Rejection', fault);
    report(fault, 128);
  });
  onEmptyLoop(nothing);
  process.on('beforeExit', () => globalThis[BEFORE_EXIT]());
  // Node.js does this for a module that still awaits something at its top, as client 3 does.
  process.on('exit', unsettled);
}

function unsettled() {
  if (process.exitCode === undefined) process.exitCode = 13;
}

/** The function could not be loaded: client 3 dies of it like of any other error. */
function refuse(error) {
  setImmediate(() => {
    throw error;
  });
}

// `this` of the handler.
class Runtime {
  constructor(handler, handlerMetadata) {
    this.handler = handler;
    this.handlerMetadata = handlerMetadata;
  }
}

let runtime;
let openStream;
// Taken with the first event: a function may set them while it is loaded, and reading them costs.
let constants;

function serve(handler, metadata, open) {
  process.off('exit', unsettled);
  if (metadata.argsNum === 3 && !metadata.isAsync && !metadata.streaming &&
      process.env.AWS_LAMBDA_NODEJS_DISABLE_CALLBACK_WARNING === undefined) {
    console.warn(
      'AWS Lambda plans to remove support for callback-based function handlers starting with ' +
        'Node.js 24. You will need to update this function to use an async handler to use Node.js ' +
        '24 or later. For more information and to provide feedback on this change, see ' +
        'https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/issues/137. To disable ' +
        'this warning, set the AWS_LAMBDA_NODEJS_DISABLE_CALLBACK_WARNING environment variable.',
    );
  }
  runtime = new Runtime(handler, metadata);
  openStream = open;
  connection.connect(iterate);
}

async function iterate() {
  try {
    const { head, body } = await connection.next();
    const invocation = connection.invocationOf(head);
    globalThis[REQUEST_ID] = head.id;
    globalThis[TENANT_ID] = head.tenantId;
    report = (error, code) => {
      connection.endWith(connection.errorTo(invocation, error), () => process.exit(code));
    };
    if (openStream === undefined) answerOnce(invocation, head, body);
    else await streamOnce(invocation, head, body);
  } catch (error) {
    console.log(`Unexpected Top Level Error: ${error.toString()}`);
    report(error, 129);
  }
}

// ---------------------------------------------------------------------------------------------
// One answer.

function answerOnce(invocation, head, body) {
  let isComplete = false;
  let waits = true;
  let isFinished = false;
  let isPromised = false;

  const postError = (error) => {
    logError('Invoke Error', error);
    connection.answer(connection.errorTo(invocation, error));
    iterate();
  };
  const respond = (result) => {
    connection.answer(connection.responseTo(invocation, serialized(result)));
    iterate();
  };
  const complete = (result) => {
    if (isComplete) {
      console.error(
        'Invocation has already been reported as done. Cannot call complete more than once per invocation.',
      );
      return;
    }
    isComplete = true;
    respond(result);
  };
  const done = (error, result) => {
    onEmptyLoop(nothing);
    if (error !== undefined && error !== null) postError(error);
    else complete(result);
  };
  // Finished only if it did not throw: a result that is not JSON leaves a second chance.
  const once = (act) => (first, second) => {
    if (isFinished) return;
    act(first, second);
    isFinished = true;
  };
  const callback = once((error, result) => {
    if ((error !== undefined && error !== null) || !waits) {
      done(error, result);
      return;
    }
    onEmptyLoop(() => setImmediate(() => complete(result)));
  });
  const context = {
    get callbackWaitsForEmptyEventLoop() { return waits; },
    set callbackWaitsForEmptyEventLoop(value) { waits = value; },
    succeed: once((result) => done(null, result)),
    fail: once((error) => done(error === undefined || error === null ? 'handled' : error)),
    done: once(done),
  };

  try {
    onEmptyLoop(() => {
      isComplete = true;
      if (runtime.handlerMetadata.isAsync) {
        postError(
          new faults.NodeJsExit(
            'The Lambda runtime client detected an unexpected Node.js exit code. This is most ' +
              'commonly caused by a Promise that was never settled. For more information, see ' +
              'https://nodejs.org/docs/latest/api/process.html#exit-codes',
          ),
        );
      } else {
        if (isPromised && abandoned.hasSubscribers) abandoned.publish(undefined);
        respond(null);
      }
    });
    const result = runtime.handler(JSON.parse(body), withServiceData(context, head), callback);
    // A plain value is ignored.
    isPromised = isPromise(result);
    if (isPromised) result.then(context.succeed, context.fail).catch(context.fail);
  } catch (error) {
    callback(error);
  }
}

function serialized(result) {
  let text;
  try {
    text = JSON.stringify(result === undefined ? null : result);
  } catch (_) {
    throw new Error('Unable to stringify response body');
  }
  // Functions and symbols: what the native part of client 3 says to them.
  if (typeof text !== 'string') throw new TypeError('Wrong arguments');
  return text;
}

function isPromise(value) {
  return value && value.then && typeof value.then === 'function';
}

/** Adds what the service knows, in client 3's order. */
function withServiceData(context, head) {
  setTraceId(head.traceId);
  if (constants === undefined) {
    constants = {
      functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
      functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
      memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
      logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
      logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    };
  }
  const { deadline } = head;
  return Object.assign(context, constants, {
    clientContext: headerJson(head.clientContext, 'ClientContext', notJson),
    identity: headerJson(head.identity, 'CognitoIdentity', notJson),
    invokedFunctionArn: head.arn,
    awsRequestId: head.id,
    tenantId: head.tenantId,
    getRemainingTimeInMillis: function () {
      return deadline - Date.now();
    },
  });
}

function notJson(name, error) {
  return new Error(`Cannot parse ${name} as json: ${error.toString()}`);
}

// ---------------------------------------------------------------------------------------------
// A stream.

async function streamOnce(invocation, head, body) {
  let waits = true;
  const next = () => {
    onEmptyLoop(nothing);
    if (waits) onEmptyLoop(() => setImmediate(iterate));
    else iterate();
  };
  const context = {
    get callbackWaitsForEmptyEventLoop() { return waits; },
    set callbackWaitsForEmptyEventLoop(value) { waits = value; },
  };
  const { stream, answered, fail } = openStream(invocation, runtime.handlerMetadata.highWaterMark);
  const failWith = (error) => {
    logError('Invoke Error', error);
    fail(error, next);
  };
  try {
    onEmptyLoop(iterate);
    withServiceData(context, head);
    const promise = runtime.handler(JSON.parse(body), stream, context);
    if (!isPromise(promise)) {
      failWith('Streaming does not support non-async handlers.');
      return;
    }
    const result = await promise;
    if (result !== undefined) console.warn('Streaming handlers ignore return values.');
    await answered;
    if (stream.writableFinished) next();
    else failWith('Response stream is not finished.');
  } catch (error) {
    failWith(error);
  }
}

module.exports = { current, refuse, serve, watch };
