// What every client of the conformance matrix is asked to do, in Node: `event.case` says what.
// `handler` answers in one piece, `stream` is a streaming handler (`awslambda.streamifyResponse`).

import fs from 'node:fs';

const kept = '/tmp/kept';
const later = '/tmp/later';
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const read = (path) => (fs.existsSync(path) ? fs.readFileSync(path, 'utf8') : null);
let nth = 0;

if (process.env.CONFORMANCE_INIT === 'error') {
  throw new Error('init fails: ключ');
}

/** The event, and what the client says about the invocation. */
function facts(event, context) {
  const client = context.clientContext;
  const identity = context.identity;
  return {
    event,
    nth,
    kept: read(kept),
    later: read(later),
    request_id: context.awsRequestId,
    arn: context.invokedFunctionArn,
    remaining_ms: context.getRemainingTimeInMillis(),
    function_name: context.functionName,
    function_version: context.functionVersion,
    memory_mb: Number(context.memoryLimitInMB),
    log_group: context.logGroupName,
    log_stream: context.logStreamName,
    trace_id: process.env._X_AMZN_TRACE_ID ?? null,
    tenant: context.tenantId ?? null,
    client: client ? { installation_id: client.client.installation_id, custom: client.custom } : null,
    identity: identity ? { id: identity.cognitoIdentityId, pool: identity.cognitoIdentityPoolId } : null,
  };
}

class Refused extends Error {
  constructor(message) {
    super(message);
    this.name = 'Refused';
  }
}

export const identity = async (event) => event;

export async function handler(event, context) {
  nth += 1;
  switch (event.case) {
    case 'echo':
      if (event.log) console.log(event.log);
      return facts(event, context);
    case 'error':
      throw new Refused(event.message);
    case 'huge-error':
      throw new Refused('x'.repeat(event.bytes));
    case 'exit':
      process.exit(event.code);
      break;
    case 'signal':
      process.kill(process.pid, 'SIGKILL');
      return pause(10_000);
    case 'sleep':
      fs.writeFileSync(kept, event.keep);
      return pause(10_000);
    case 'large':
      return 'x'.repeat(event.bytes - 2);
    case 'unawaited':
      // Nobody awaits it, and it fails while the handler still works.
      pause(1).then(() => {
        throw new Refused(event.message);
      });
      await pause(200);
      return facts(event, context);
    case 'later':
      setTimeout(() => {
        console.log(event.log);
        fs.writeFileSync(later, event.keep);
      }, 30);
      return facts(event, context);
    case 'wait':
      while (!fs.existsSync(later)) await pause(5);
      return facts(event, context);
    default:
      throw new Error(`no such case: ${event.case}`);
  }
}

export const stream = awslambda.streamifyResponse(async (event, out, _context) => {
  out.setContentType('text/plain; charset=utf-8');
  out.write(event.first);
  await pause(10);
  if (event.fail) throw new Refused(event.fail);
  out.end(event.second);
});
