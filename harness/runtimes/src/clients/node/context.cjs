// Headers of an event for the function's context, as both clients read them.
'use strict';

let traceId = null;

/** Where X-Ray's SDK looks for the trace of the invocation. */
function setTraceId(id) {
  if (id === traceId) return;
  traceId = id;
  if (id === undefined) delete process.env._X_AMZN_TRACE_ID;
  else process.env._X_AMZN_TRACE_ID = id;
}

/** The value of a header in JSON. For other text it throws what `notJson` makes of the name and the parser's error. */
function headerJson(text, name, notJson) {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw notJson(name, error);
  }
}

module.exports = { headerJson, setTraceId };
