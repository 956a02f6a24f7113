// Invocations as in client 4: whatever the handler returns or throws is the answer.
//
// Nothing is caught beyond that. An event that is not JSON, a context that cannot be made and a
// floating rejection end the process the way Node.js ends it.
'use strict';

const { faults } = require('./faults.cjs');
const connection = require('./connection.cjs');
const { headerJson, setTraceId } = require('./context.cjs');

const KEYS = {
  REQUEST_ID: Symbol.for('_AWS_LAMBDA_REQUEST_ID'),
  X_RAY_TRACE_ID: Symbol.for('_AWS_LAMBDA_X_RAY_TRACE_ID'),
  TENANT_ID: Symbol.for('_AWS_LAMBDA_TENANT_ID'),
};

// `awslambda.InvokeStore`, of the package @aws/lambda-invoke-store that client 4 contains.
class InvokeStoreBase {
  isProtectedKey(key) {
    return Object.values(KEYS).includes(key);
  }

  getRequestId() {
    const id = this.get(KEYS.REQUEST_ID);
    return id === undefined || id === null ? '-' : id;
  }

  getXRayTraceId() {
    return this.get(KEYS.X_RAY_TRACE_ID);
  }

  getTenantId() {
    return this.get(KEYS.TENANT_ID);
  }
}
InvokeStoreBase.PROTECTED_KEYS = KEYS;

class InvokeStoreSingle extends InvokeStoreBase {
  constructor() {
    super();
    this.currentContext = undefined;
  }

  getContext() {
    return this.currentContext;
  }

  hasContext() {
    return this.currentContext !== undefined;
  }

  get(key) {
    return this.currentContext === undefined || this.currentContext === null
      ? undefined
      : this.currentContext[key];
  }

  set(key, value) {
    if (this.isProtectedKey(key)) {
      throw new Error(`Cannot modify protected Lambda context field: ${String(key)}`);
    }
    this.currentContext = this.currentContext || {};
    this.currentContext[key] = value;
  }

  run(context, act) {
    this.currentContext = context;
    return act();
  }
}

const store = new InvokeStoreSingle();

/** What log records are marked with. */
const current = {
  requestId: () => store.getRequestId(),
  tenantId: () => store.getTenantId(),
};

let logError;

/** Client 4 leaves the process alone. */
function watch(log) {
  logError = log;
}

/** The function could not be loaded. */
async function refuse(error) {
  logError('Init Error', error);
  let request;
  try {
    request = connection.initError(error);
  } catch (refused) {
    logError('Failed to post init error', refused);
    throw refused;
  }
  await new Promise((resolve) => connection.aside(request, resolve));
  // Nobody waits for this: Node.js prints it and exits with status 1.
  throw error;
}

// `this` of the handler; stacks show the names.
class BufferedInvokeProcessor {
  constructor(handler, handlerMetadata) {
    this.handler = handler;
    this.handlerMetadata = handlerMetadata;
  }
}
class StreamingInvokeProcessor extends BufferedInvokeProcessor {}

async function serve(handler, metadata, openStream) {
  if (metadata.argsNum >= 3 && !metadata.streaming) {
    await refuse(
      new faults.CallbackHandlerDeprecated(
        'ERROR: AWS Lambda has removed support for callback-based function handlers starting with ' +
          'Node.js 24. You need to modify this function to use a supported handler signature to ' +
          'use Node.js 24 or later. For more information see ' +
          'https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.',
      ),
    );
  }
  const Processor = metadata.streaming ? StreamingInvokeProcessor : BufferedInvokeProcessor;
  const processor = new Processor(handler, metadata);
  await new Promise((resolve) => connection.connect(resolve));
  for (;;) {
    const { head, body } = await connection.next();
    const invocation = connection.invocationOf(head);
    const context = contextOf(head);
    const event = JSON.parse(body);
    store.currentContext = {
      [KEYS.REQUEST_ID]: context.awsRequestId,
      [KEYS.X_RAY_TRACE_ID]: context.xRayTraceId,
    };
    if (openStream === undefined) await answerOnce(processor, invocation, context, event);
    else await streamOnce(processor, invocation, context, event, openStream);
  }
}

/** One turn of the event loop: a rejection that floats now ends the process before it has answered. */
function turn() {
  return new Promise((resolve) => setImmediate(resolve));
}

async function answerOnce(processor, invocation, context, event) {
  let request;
  try {
    const result = await processor.handler(event, context);
    await turn();
    request = connection.responseTo(invocation, serialized(result));
  } catch (error) {
    await turn();
    logError('Invoke Error', error);
    request = connection.errorTo(invocation, error);
  }
  connection.answer(request);
}

function serialized(result) {
  let text;
  try {
    text = JSON.stringify(result === undefined ? null : result);
  } catch (_) {
    throw new faults.JSONStringifyError('Unable to stringify response body');
  }
  // Functions and symbols: what the native part of client 4 says to them.
  if (typeof text !== 'string') throw new TypeError('Wrong arguments');
  return text;
}

async function streamOnce(processor, invocation, context, event, openStream) {
  const { stream, answered, fail } = openStream(invocation, processor.handlerMetadata.highWaterMark);
  try {
    const promise = processor.handler(event, stream, context);
    if (typeof promise !== 'object' || promise === null || typeof promise.then !== 'function') {
      throw new Error('Streaming does not support non-async handlers.');
    }
    const result = await promise;
    if (result !== undefined) console.warn('Streaming handlers ignore return values.');
    await answered;
    if (!stream.writableFinished) throw new Error('Response stream is not finished.');
  } catch (error) {
    await turn();
    logError('Invoke Error', error);
    // Client 4 asks for the next event at once. The answer to the last one is sent first here.
    await new Promise((resolve) => fail(error, resolve));
  }
}

// ---------------------------------------------------------------------------------------------
// The context.

const VARIABLES = {
  functionName: 'AWS_LAMBDA_FUNCTION_NAME',
  functionVersion: 'AWS_LAMBDA_FUNCTION_VERSION',
  memoryLimitInMB: 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  logGroupName: 'AWS_LAMBDA_LOG_GROUP_NAME',
  logStreamName: 'AWS_LAMBDA_LOG_STREAM_NAME',
};
// Taken with the first event: a function may set them while it is loaded, and reading them costs.
let constants;

/** What the service knows, in client 4's order. */
function contextOf(head) {
  if (constants === undefined) {
    constants = {};
    for (const key of Object.keys(VARIABLES)) constants[key] = process.env[VARIABLES[key]];
    const missing = Object.keys(VARIABLES).filter((key) => !constants[key]);
    if (missing.length > 0) {
      const names = missing.map((key) => VARIABLES[key]).join(', ');
      throw new faults.PlatformError(`Missing required environment variables: ${names}`);
    }
  }
  const { deadline } = head;
  const context = {
    clientContext: headerJson(head.clientContext, 'lambda-runtime-client-context', notJson),
    identity: headerJson(head.identity, 'lambda-runtime-cognito-identity', notJson),
    invokedFunctionArn: head.arn,
    awsRequestId: head.id,
    tenantId: head.tenantId,
    xRayTraceId: head.traceId === undefined ? '' : head.traceId,
    getRemainingTimeInMillis: function () {
      return deadline - Date.now();
    },
  };
  setTraceId(head.traceId);
  return Object.assign(context, constants);
}

function notJson(name, error) {
  return new faults.PlatformError(`Failed to parse ${name} as JSON: ${error.message}`);
}

module.exports = { current, refuse, serve, store, watch };
