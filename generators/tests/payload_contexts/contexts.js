// Lands payloads in JavaScript source contexts: `contexts.js CELLS_FILE`.
//
// CELLS_FILE holds one JSON array of [context, text] pairs. Without an argument the names of the
// contexts are printed. Whether a cell fired is read from the canaries, not from here. The same
// file runs as a CommonJS main module and, under another name, as an ECMAScript main module.
const { readFileSync } = builtin('fs');
const vm = builtin('vm');

// getBuiltinModule is Node 20.16 and later; an older ECMAScript main module has no other way in.
function builtin(name) {
  return process.getBuiltinModule ? process.getBuiltinModule(name) : require(name);
}

const indirect = eval;
const direct = (template) => (text) => {
  const x = 1;
  return eval(template.replace('@', () => text));
};
const body = (template) => (text) => new Function('x', template.replace('@', () => text))(1);
const fresh = (template, sandbox) => (text) =>
  vm.runInNewContext(template.replace('@', () => text), sandbox(), { timeout: 5000 });

const CONTEXTS = {
  'eval @': direct('@'),
  'indirect eval @': (text) => indirect(text),
  '(@)': direct('(@)'),
  'var y=@': direct('var y=@'),
  'new Function(@)': body('@'),
  'return @': body('return @'),
  'return @;': body('return @;'),
  "String('@')": direct("String('@')"),
  'String("@")': direct('String("@")'),
  'String(`@`)': direct('String(`@`)'),
  'Math.max(1,@)': direct('Math.max(1,@)'),
  '[@]': direct('[@]'),
  '({a:@})': direct('({a:@})'),
  "({a:'@'})": direct("({a:'@'})"),
  "return '@'": body("return '@'"),
  "({})['@']": direct("({})['@']"),
  'if(@){}': direct('if(@){}'),
  '1<@': direct('1<@'),
  '/@/': direct('/@/'),
  '1//@': direct('1//@\n;2'),
  '1/*@*/': direct('1/*@*/'),
  'runInThisContext @': (text) => vm.runInThisContext(text),
  'runInNewContext @ {}': fresh('@', () => ({})),
  "runInNewContext '@' {}": fresh("x='@'", () => ({})),
  'runInNewContext @ object': fresh('@', () => ({ event: { a: 1 }, result: null })),
  'with(o){ return @ }': body('with(x){ return @ }'),
  "template engine '@'": body("var p='';p+='<b>';p+='@';p+='</b>';return p"),
  'return (@)': body('return (@)'),
  'event.@': body('return x.@'),
  "strict '@'": body("'use strict';return '@'"),
  'strict @': body("'use strict';return @"),
  'arrow @': direct('((y)=>@)(1)'),
};

if (process.argv.length < 3) {
  console.log(JSON.stringify(Object.keys(CONTEXTS)));
} else {
  for (const [context, text] of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
    try {
      CONTEXTS[context](text);
    } catch {
      // A payload may end in any error.
    }
  }
}
