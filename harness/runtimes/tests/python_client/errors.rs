//! What is posted and logged when a function fails, at load time and later.

use serde_json::{Value, json};

use crate::start;
use crate::support::Function;

/// `AWS_EXECUTION_ENV` decides how characters are written, whatever the interpreter is.
const ASCII: [(&str, &str); 1] = [("AWS_EXECUTION_ENV", "AWS_Lambda_python3.11")];
const CHARACTERS: [(&str, &str); 1] = [("AWS_EXECUTION_ENV", "AWS_Lambda_python3.12")];

fn start_as(source: &str, variables: &[(&str, &str)]) -> Option<Function> {
    Function::start_with(&[("app.py", source)], "app.handler", "python", variables)
}

#[test]
fn posts_errors_as_the_managed_runtime_does() {
    let source =
        "class Own(Exception):\n    pass\n\ndef handler(event, context):\n    raise Own('boom \\x7f ä')\n";
    let Some(mut function) = start_as(source, &ASCII) else {
        return;
    };
    function.send("{}");
    let asked = function.read().unwrap();
    function.accept();
    let names: Vec<&String> = asked.headers.keys().collect();
    // No error type: only /init/error has one.
    assert_eq!(
        names,
        [
            "content-length",
            "content-type",
            "host",
            "lambda-runtime-function-xray-error-cause",
            "lambda-runtime-invocation-id"
        ]
    );
    assert_eq!(asked.headers["content-type"], "application/json");

    let error: Value = serde_json::from_str(&asked.body).unwrap();
    let file = error["stackTrace"][0].as_str().unwrap().split('"').nth(1).unwrap();
    assert!(file.ends_with("/code/app.py"), "{file}");
    assert_eq!(
        error,
        json!({
            "errorMessage": "boom \u{7f} ä",
            "errorType": "Own",
            "requestId": "request-1",
            "stackTrace": [format!("  File \"{file}\", line 5, in handler\n    raise Own('boom \\x7f ä')\n")],
        })
    );
    assert!(
        asked.body.starts_with(r#"{"errorMessage": "boom \u007f \u00e4", "errorType": "Own", "requestId": "#)
    );
    let cause = &asked.headers["lambda-runtime-function-xray-error-cause"];
    let folder = file.strip_suffix("/app.py").unwrap();
    assert_eq!(
        cause,
        &format!(
            "{{\"working_directory\": \"{folder}\", \"exceptions\": [{{\"message\": \"boom \\u007f \\u00e4\", \
             \"type\": \"Own\", \"stack\": [{{\"label\": \"handler\", \"path\": \"{file}\", \"line\": 5}}]}}], \
             \"paths\": [\"{file}\"]}}"
        )
    );

    let ended = function.hang_up();
    assert_eq!(
        ended.stdout,
        format!(
            "[ERROR] Own: boom \u{7f} ä\rTraceback (most recent call last):\r\
             \u{a0}\u{a0}File \"{file}\", line 5, in handler\r\
             \u{a0}\u{a0}\u{a0}\u{a0}raise Own('boom \\x7f ä')\n"
        )
    );
}

#[test]
fn describes_what_was_raised_last() {
    let check = |statement: &str, expected: Value| {
        let source = format!("def handler(event, context):\n    {statement}\n");
        let Some(mut function) = start(&source) else {
            return;
        };
        let error = function.fail("{}");
        assert_eq!(json!([error["errorType"], error["errorMessage"]]), expected, "{statement}");
        // Nothing of the client is in the trace, and no carets.
        let trace = error["stackTrace"].as_array().unwrap();
        assert!(trace[0].as_str().unwrap().contains("/code/app.py\", line "), "{trace:#?}");
        assert!(!error.to_string().contains('^'), "{trace:#?}");
    };
    check("{}['a']", json!(["KeyError", "'a'"]));
    check("raise ValueError", json!(["ValueError", ""]));
    check("raise OSError(2, 'No', 'f')", json!(["FileNotFoundError", "[Errno 2] No: 'f'"]));
    check("raise MemoryError", json!(["MemoryError", ""]));
    check("raise StopIteration", json!(["StopIteration", ""]));
    check("import nothere", json!(["ModuleNotFoundError", "No module named 'nothere'"]));
    check(
        "exec('try:\\n 1/0\\nexcept Exception as e:\\n raise ValueError(1) from e')",
        json!(["ValueError", "1"]),
    );
    check("raise type('A\\n\\u2603', (Exception,), {})('x')", json!(["A\n\u{2603}", "x"]));
}

#[test]
fn shows_its_own_call_if_there_is_nothing_else_to_show() {
    // As the managed runtime, where it reads "/var/runtime/bootstrap.py" (or awslambdaric's).
    for source in ["def handler(event):\n    pass\n", "handler = 3\n"] {
        let Some(mut function) = start(source) else {
            return;
        };
        let error = function.fail("{}");
        assert_eq!(error["errorType"], "TypeError");
        let trace = error["stackTrace"].as_array().unwrap();
        assert_eq!(trace.len(), 1, "{trace:#?}");
        let line = trace[0].as_str().unwrap();
        let end = ", in handle_event_request\n    response = request_handler(event, lambda_context)\n";
        assert!(line.contains("/bootstrap.py\", line ") && line.ends_with(end), "{line}");
    }
}

#[test]
fn leaves_out_the_first_frames_that_are_in_a_bootstrap_file() {
    // awslambdaric looks for "/bootstrap.py" in names, the function's own included.
    let files = [
        (
            "bootstrap.py",
            "import other\ndef handler(event, context):\n    other.f(g)\ndef g():\n    raise ValueError\n",
        ),
        ("other.py", "def f(g):\n    g()\n"),
    ];
    let Some(mut function) = Function::write_and_start(&files, "bootstrap.handler", "python") else {
        return;
    };
    let error = function.fail("{}");
    let trace = error["stackTrace"].as_array().unwrap();
    assert_eq!(trace.len(), 2, "{trace:#?}");
    assert!(trace[0].as_str().unwrap().ends_with("/code/other.py\", line 2, in f\n    g()\n"), "{trace:#?}");
    assert!(trace[1].as_str().unwrap().contains("/code/bootstrap.py\", line 5, in g\n"), "{trace:#?}");
}

#[test]
fn sends_no_cause_of_a_mebibyte() {
    // Where the long message is logged nobody reads.
    let source = "import os, sys\nsys.stdout = open(os.devnull, 'w')\ndef handler(event, context):\n    raise ValueError('x' * event)\n";
    let Some(mut function) = start(source) else {
        return;
    };
    let mut length_of = |event: usize| {
        function.send(&event.to_string());
        let asked = function.read().unwrap();
        function.accept();
        asked.headers.get("lambda-runtime-function-xray-error-cause").map(String::len)
    };
    let rest = length_of(1000).unwrap() - 1000;
    assert_eq!(length_of((1 << 20) - 1 - rest), Some((1 << 20) - 1));
    assert_eq!(length_of((1 << 20) - rest), None);
}

#[test]
fn ends_with_a_message_that_cannot_be_written() {
    let raises = |message: &str| format!("def handler(event, context):\n    raise ValueError({message})\n");
    // The log line comes first, on every version.
    let Some(mut function) = start_as(&raises("'\\ud800'"), &ASCII) else {
        return;
    };
    function.send("{}");
    assert!(function.read().is_none());
    let ended = function.end();
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert!(ended.stderr.contains("UnicodeEncodeError"), "{ended:?}");

    // From python3.12 on a DEL stays as it is, and no server takes it in a header.
    let mut function = start_as(&raises("'a\\x7fä'"), &CHARACTERS).unwrap();
    function.send("{}");
    let asked = function.read().unwrap();
    assert!(asked.headers["lambda-runtime-function-xray-error-cause"].contains("\"a\u{7f}ä\""), "{asked:?}");
    assert!(asked.body.starts_with("{\"errorMessage\": \"a\u{7f}ä\""), "{asked:?}");
    function.reply("400 Bad Request");
    // It has not asked for another event along with this answer.
    assert!(function.read().is_none());
    let ended = function.end();
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert!(ended.stderr.ends_with("RuntimeError: Failed to post invocation error\n"), "{ended:?}");

    let source = "class E(Exception):\n    def __str__(self): raise RuntimeError('str')\ndef handler(event, context):\n    raise E\n";
    let mut function = start(source).unwrap();
    function.send("{}");
    assert!(function.read().is_none());
    assert_eq!(function.end().status.code(), Some(1));
}

#[test]
fn looks_at_the_variable_anew_for_each_error() {
    let source = "import os\ndef handler(event, context):\n    os.environ['AWS_EXECUTION_ENV'] = 'AWS_Lambda_python3.12'\n    if event:\n        return 'ä'\n    raise ValueError('ä')\n";
    let Some(mut function) = start_as(source, &ASCII) else {
        return;
    };
    let (_, body) = function.invoke("0");
    assert!(body.starts_with("{\"errorMessage\": \"ä\""), "{body}");
    assert_eq!(function.respond("1"), "\"\\u00e4\"");
}

#[test]
fn names_what_went_wrong_at_load_time() {
    let check = |source: &str, handler: &str, error_type: &str, message: &str| {
        let Some(function) = start_as(source, &[("_HANDLER", handler)]) else {
            return;
        };
        let error = function.init_error();
        assert_eq!(
            error,
            json!({"errorMessage": message, "errorType": error_type, "requestId": "", "stackTrace": []})
        );
    };
    let import = "Runtime.ImportModuleError";
    check("import nope", "app.handler", import, "Unable to import module 'app': No module named 'nope'");
    check("x = 1", "other.handler", import, "Unable to import module 'other': No module named 'other'");
    check("x = 1", "pkg/other.handler", import, "Unable to import module 'pkg/other': No module named 'pkg'");
    let missing = "Runtime.HandlerNotFound";
    check("x = 1", "app.handler", missing, "Handler 'handler' missing on module 'app'");
    check("x = 1", "json.nope", missing, "Handler 'nope' missing on module 'json'");
    let conflict = "Runtime.BuiltInModuleConflict";
    check("x = 1", "sys.exit", conflict, "Cannot use built-in module sys as a handler module");
    check("x = 1", "time.a.b", conflict, "Cannot use built-in module time.a as a handler module");
    let malformed = "Runtime.MalformedHandlerName";
    let values = "not enough values to unpack (expected 2, got 1)";
    check("x = 1", "app", malformed, &format!("Bad handler 'app': {values}"));
    check("x = 1", "", malformed, &format!("Bad handler '': {values}"));
    check("x = 1", "app.", missing, "Handler '' missing on module 'app'");

    // What Python itself says to a name has its own trace.
    for (handler, error_type, message) in [
        (".handler", "ValueError", "Empty module name"),
        (
            ".app.handler",
            "TypeError",
            "the 'package' argument is required to perform a relative import for '.app'",
        ),
    ] {
        let error = start_as("x = 1", &[("_HANDLER", handler)]).unwrap().init_error();
        assert_eq!(json!([error["errorType"], error["errorMessage"]]), json!([error_type, message]));
        assert!(error["stackTrace"][0].as_str().unwrap().contains(", in import_module\n"), "{error}");
    }
}

#[test]
fn shows_the_line_that_is_no_python() {
    let Some(function) = start("x = 1\ndef handler(:\n") else {
        return;
    };
    let error = function.init_error();
    assert_eq!(error["errorType"], "Runtime.UserCodeSyntaxError");
    let message = error["errorMessage"].as_str().unwrap();
    assert!(
        message.starts_with("Syntax error in module 'app': invalid syntax (app.py, line 2)"),
        "{message}"
    );
    let trace = error["stackTrace"].as_array().unwrap();
    assert_eq!(trace.len(), 1, "{trace:#?}");
    assert!(trace[0].as_str().unwrap().ends_with("/code/app.py\" Line 2\n    def handler(:\n"), "{trace:#?}");
}

#[test]
fn posts_and_logs_what_is_raised_while_loading() {
    let Some(mut function) = start("print('one', 2)\n1 / 0\n") else {
        return;
    };
    let asked = function.read().unwrap();
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/2018-06-01/runtime/init/error"));
    let names: Vec<&String> = asked.headers.keys().collect();
    assert_eq!(names, ["content-length", "host", "lambda-runtime-function-error-type"]);
    assert_eq!(asked.headers["lambda-runtime-function-error-type"], "ZeroDivisionError");
    function.accept();
    let error: Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(error["errorMessage"], "division by zero");
    // From the import on: the machinery between is Python's, not the client's.
    let trace: Vec<&str> =
        error["stackTrace"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    assert!(
        trace[0].contains("/importlib/__init__.py\", line ") && trace[0].contains(", in import_module\n")
    );
    assert!(
        trace.last().unwrap().ends_with("/code/app.py\", line 2, in <module>\n    1 / 0\n"),
        "{trace:#?}"
    );

    let ended = function.end();
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    let (before, after) = ended.stdout.split_once("[WARNING]\t").unwrap();
    assert_eq!(before, "one 2\n");
    // The warning goes through the root logger; a carriage return ends its text.
    let (time, after) = after.split_once("Z\t\t").unwrap();
    assert_eq!(time.len(), "2026-01-01T00:00:00.000".len(), "{time}");
    assert!(after.starts_with("LAMBDA_WARNING: Unhandled exception."), "{after}");
    assert!(
        after.contains(
            "\r\n[ERROR] ZeroDivisionError: division by zero\rTraceback (most recent call last):\r"
        )
    );
}

#[test]
fn posts_init_errors_in_latin_1_or_not_at_all() {
    // http.client's own encoding, for what JSON does not escape from python3.12 on.
    let Some(mut function) = start_as("raise ValueError('ä')\n", &ASCII) else {
        return;
    };
    assert!(function.read().unwrap().body.starts_with("{\"errorMessage\": \"\\u00e4\""));
    function.accept();

    let mut function = start_as("raise ValueError('\\xe4')\n", &CHARACTERS).unwrap();
    assert!(function.read_bytes().starts_with(b"{\"errorMessage\": \"\xe4\""));
    function.accept();
    assert_eq!(function.end().status.code(), Some(1));

    for source in ["raise ValueError('\\u2603')\n", "raise type('\\u2603', (Exception,), {})\n"] {
        let mut function = start_as(source, &CHARACTERS).unwrap();
        assert!(function.read().is_none(), "{source}");
        let ended = function.end();
        assert_eq!(ended.status.code(), Some(1), "{ended:?}");
        assert!(ended.stderr.contains("UnicodeEncodeError: 'latin-1'"), "{ended:?}");
    }
}
