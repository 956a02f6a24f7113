//! Handlers: which function a name means, and what is said when there is none.

use super::{BOTH, Client, Function, V3, V4, texts};

/// Loads `handler` from `files` and compares its answer.
#[track_caller]
fn check(client: Client, files: &[(&str, &str)], handler: &str, answer: &str) {
    let Some(mut function) = client.start_with(files, handler, &[]) else {
        return;
    };
    assert_eq!(function.respond("{}"), answer, "{client:?} {handler}");
}

#[test]
fn loads_es_modules() {
    let module = "import { join } from 'node:path'; export const handler = async () => join('a', 'b');";
    let package = ("package.json", r#"{"type":"module"}"#);
    for client in BOTH {
        check(client, &[("index.mjs", module)], "index.handler", "\"a/b\"");
        check(client, &[("index.js", module), package], "index.handler", "\"a/b\"");
        check(client, &[("a/b/index.js", module), package], "a/b/index.handler", "\"a/b\"");
        // The nearest package decides.
        let script = "exports.handler = async () => 'script';";
        let files = [("a/index.js", script), ("a/package.json", "{}"), package];
        check(client, &files, "a/index.handler", "\"script\"");
    }
}

#[test]
fn finds_handlers_in_folders_and_in_objects() {
    let nested = [("src/api/index.cjs", "exports.api = { orders: { get: async () => 'got' } };")];
    for client in BOTH {
        check(client, &nested, "src/api/index.api.orders.get", "\"got\"");
        check(client, &nested, "./src/api/index.api.orders.get", "\"got\"");
    }
    // Client 3 looks into functions too.
    let files = [("index.js", "exports.a = function () {}; exports.a.b = async () => 1;")];
    check(V3, &files, "index.a.b", "1");
    let Some(function) = V4.start_with(&files, "index.a.b", &[]) else {
        return;
    };
    let (error, _) = V4.init_error(function);
    assert_eq!(error["errorMessage"], "index.a.b is undefined or not exported");
}

#[test]
fn prefers_files_in_lambdas_order() {
    let named = |name: &'static str, text: &'static str| (name, text);
    let js = named("index.js", "exports.handler = async () => 'js';");
    let mjs = named("index.mjs", "export const handler = async () => 'mjs';");
    let cjs = named("index.cjs", "exports.handler = async () => 'cjs';");
    let bare = named("index", "exports.handler = async () => 'bare';");
    let package = named("node_modules/index/index.js", "exports.handler = async () => 'package';");
    for client in BOTH {
        check(client, &[package, cjs, mjs, js, bare], "index.handler", "\"bare\"");
        check(client, &[package, cjs, mjs, js], "index.handler", "\"js\"");
        check(client, &[package, cjs, mjs], "index.handler", "\"mjs\"");
        check(client, &[package, cjs], "index.handler", "\"cjs\"");
    }
    // Below the folder of the handler too. evfuzz itself looks for files only.
    let files = [js, named("sub/node_modules/pkg/index.js", package.1)];
    let variables = [("_HANDLER", "sub/pkg.handler")];
    let Some(mut function) = V4.start_with(&files, "index.handler", &variables) else {
        return;
    };
    assert_eq!(function.respond("{}"), "\"package\"");
    // Client 3 requires a folder of that name, which client 4 cannot import.
    let folder = ("index/index.js", "exports.handler = async () => 'folder';");
    check(V3, &[folder, mjs], "index.handler", "\"folder\"");
    // What exports nothing is passed over.
    check(V3, &[("index.js", "module.exports = 0;"), cjs], "index.handler", "\"cjs\"");
}

#[test]
fn client_4_looks_into_the_default_export() {
    let handler = "async () => 'default'";
    let module = [("index.mjs", &*format!("export default {{ handler: {handler} }};"))];
    check(V4, &module, "index.handler", "\"default\"");
    // What an import does not see in CommonJS is in its default export.
    let script = [("index.js", &*format!("const name = 'handler'; module.exports[name] = {handler};"))];
    for client in BOTH {
        check(client, &script, "index.handler", "\"default\"");
    }
    // A property of that name is another thing.
    let named = [("index.js", &*format!("exports.default = {{ handler: {handler} }};"))];
    for (client, files) in [(V3, module), (V3, named), (V4, named)] {
        let Some(function) = client.start_with(&files, "index.handler", &[]) else {
            return;
        };
        assert_eq!(client.init_error(function).0["errorType"], "Runtime.HandlerNotFound");
    }
    check(V4, &[("index.mjs", &format!("export default {handler};"))], "index.default", "\"default\"");
}

#[test]
fn names_what_went_wrong_at_load_time() {
    let check = |client: Client, files: &[(&str, &str)], error_type: &str, message: &str, first: &str| {
        let Some(function) = client.start_with(files, "index.handler", &[]) else {
            return;
        };
        let (error, ended) = client.init_error(function);
        assert_eq!(error["errorType"], error_type, "{client:?} {error}");
        let text = error["errorMessage"].as_str().unwrap();
        assert!(text.contains(message), "{client:?} {error}");
        let trace = texts(&error["trace"]);
        assert!(trace.first().is_none_or(|line| line.contains(first)), "{client:?} {error}");
        // The log makes an error of everything.
        let logged = if error_type == "string" { "Error" } else { error_type };
        assert!(ended.stdout.contains(&format!("\"errorType\":\"{logged}\"")), "{ended:?}");
    };
    for client in BOTH {
        let own = |text: &'static str| [("index.js", text)];
        check(
            client,
            &own("require('not-there');"),
            "Runtime.ImportModuleError",
            "Error: Cannot find module 'not-there'\nRequire stack:\n- ",
            "Runtime.ImportModuleError: Error: Cannot find module 'not-there'",
        );
        let syntax = if client == V3 { "Runtime.UserCodeSyntaxError: SyntaxError: " } else { "index.js:1" };
        check(client, &own("exports.handler = ("), "Runtime.UserCodeSyntaxError", "SyntaxError: ", syntax);
        let missing = "index.handler is undefined or not exported";
        check(client, &own("exports.other = 1;"), "Runtime.HandlerNotFound", missing, missing);
        let not = "index.handler is not a function";
        check(client, &own("exports.handler = 1;"), "Runtime.HandlerNotFound", not, not);
        check(client, &own("throw new RangeError('own');"), "RangeError", "own", "RangeError: own");
        check(client, &own("throw 'own';"), "string", "own", "");
        let module = [("index.mjs", "import 'not-there'; export const handler = 1;")];
        // Lambda's clients do not rename what a module of ES imports in vain.
        check(
            client,
            &module,
            "Error",
            "Cannot find package 'not-there' imported from ",
            "ERR_MODULE_NOT_FOUND",
        );
        let late = [("index.mjs", "await null; throw new Error('tla'); export const handler = 1;")];
        check(client, &late, "Error", "tla", "Error: tla");
        let mode = "exports.handler = async () => 1; \
            exports.handler[Symbol.for('aws.lambda.runtime.handler.streaming')] = 'x';";
        let (name, message) = match client {
            V3 => ("ReferenceError", "MalformedStreamingHandler is not defined"),
            V4 => ("Runtime.MalformedStreamingHandler", "Only response streaming is supported."),
        };
        check(client, &own(mode), name, message, "");
    }
    let callback = [("index.js", "exports.handler = (event, context, callback) => callback(null, 1);")];
    let message = "ERROR: AWS Lambda has removed support for callback-based function handlers starting with \
        Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or \
        later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.";
    check(V4, &callback, "Runtime.CallbackHandlerDeprecated", message, message);
}

#[test]
fn points_to_the_line_that_failed_to_load() {
    for client in BOTH {
        for source in ["\nthrow new RangeError('own');", "\nrequire('not-there');", "\nlet a = ;"] {
            let Some(function) = client.start(source) else {
                return;
            };
            let (error, _) = client.init_error(function);
            assert!(error["trace"].to_string().contains("index.js:2"), "{client:?} {error}");
        }
    }
}

#[test]
fn refuses_names_that_are_none() {
    let files = [("index.js", "exports.handler = async () => 1;")];
    for client in BOTH {
        for (variable, message) in [
            ("index", "Bad handler"),
            (
                "../index.handler",
                "'../index.handler' is not a valid handler name. Use absolute paths when specifying root \
                 directories in handler names.",
            ),
        ] {
            // evfuzz itself refuses them, so they are told to the client alone.
            let Some(function) = client.start_with(&files, "index.handler", &[("_HANDLER", variable)]) else {
                return;
            };
            let (error, _) = client.init_error(function);
            assert_eq!(error["errorType"], "Runtime.MalformedHandlerName");
            assert_eq!(error["errorMessage"], message);
        }
        let Some(function) = client.start_with(&files, "index.handler", &[("_HANDLER", "gone.handler")])
        else {
            return;
        };
        let (error, _) = client.init_error(function);
        let message = error["errorMessage"].as_str().unwrap();
        // Who looked for it is Lambda's client by name.
        assert!(message.starts_with("Error: Cannot find module 'gone'\nRequire stack:\n- /"), "{message}");
        assert!(message.ends_with("/node/index.mjs"), "{message}");
    }
}

#[test]
fn ends_without_a_word_when_loading_never_ends() {
    // Node's own code for an await at the top that is never settled; client 4 is not awaited.
    for (client, code) in [(V3, 13), (V4, 0)] {
        let files = [("index.mjs", "await new Promise(() => {}); export const handler = 1;")];
        let Some(mut function) = client.start_with(&files, "index.handler", &[]) else {
            return;
        };
        assert!(!function.connects_before_it_ends(), "{client:?}");
        assert_eq!(function.end().status.code(), Some(code), "{client:?}");
    }
}

#[test]
fn dies_of_an_error_name_that_no_header_can_hold() {
    // Node.js refuses the header; in client 3 that happens where uncaught errors are handled.
    for (client, code) in [(V3, 7), (V4, 1)] {
        let source = "throw Object.assign(new Error('x'), { name: '☃' });";
        let Some(mut function) = client.start(source) else {
            return;
        };
        assert!(!function.connects_before_it_ends(), "{client:?}");
        let ended = function.end();
        assert_eq!(ended.status.code(), Some(code), "{client:?}");
        assert!(ended.stderr.contains("ERR_INVALID_CHAR"), "{ended:?}");
    }
}

#[test]
fn runs_typescript_where_node_strips_types() {
    let module = "import { one, type Order } from './one.ts';\n\
        export const handler = async (event: Order): Promise<number> => {\n\
        if (event.fail) throw new TypeError('own');\n  return event.n + one; };";
    let one = ("one.ts", "export type Order = { n: number, fail?: boolean };\nexport const one: number = 1;");
    let files = [("index.ts", module), one, ("package.json", r#"{"type":"module"}"#)];
    for (runtime, client) in [("nodejs22.x", V3), ("nodejs24.x", V4)] {
        // Not even CI needs to have these.
        let Some(mut function) = Function::start_if_installed(&files, "index.handler", runtime) else {
            continue;
        };
        assert_eq!(function.respond(r#"{"n":2}"#), "3", "{client:?}");
        let error = function.fail(r#"{"fail":true}"#);
        assert!(error["trace"][1].as_str().unwrap().contains("index.ts:3:"), "{error}");

        let script = [("index.cts", "exports.handler = async (event: any) => typeof require('os').cpus;")];
        let Some(mut function) = Function::start_if_installed(&script, "index.handler", runtime) else {
            continue;
        };
        assert_eq!(function.respond("{}"), "\"function\"");
    }
}
