// Evaluates texts: `javascript.js CELLS_FILE`.
//
// CELLS_FILE holds a JSON array of [context, text, nonce]; the context begins with how the text is
// run, `eval» …`. Every nonce is a global function; the nonces that were called are printed.
const { readFileSync, writeFileSync } = require('fs');
const vm = require('vm');

const indirect = eval;
function evaluate(text, x) {
  return eval(text);
}

const RUN = {
  eval: (text) => evaluate(text, { a: 1 }),
  indirect: (text) => indirect(text),
  function: (text) => new Function('x', text)({ a: 1 }),
  script: (text) => vm.runInThisContext(text),
  fresh: (text) => vm.runInNewContext(text, {}, { timeout: 5000 }),
  object: (text) => vm.runInNewContext(text, { event: { a: 1 }, result: null }, { timeout: 5000 }),
};

globalThis.f = (value) => value;
const fired = new Set();
for (const [context, text, nonce] of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
  globalThis[nonce] = () => {
    fired.add(nonce);
    return 1;
  };
  try {
    RUN[context.split('» ')[0]](text);
  } catch (error) {
    // It may end in any error; what counts is whether the canary was called.
    if (process.env.SHOW_ERRORS) console.error(String(error), JSON.stringify(text));
  }
}
// At once: `console.log` writes more than a pipe holds later, and a promise that a text left rejected may end all before.
writeFileSync(1, [...fired].join('\n'));
