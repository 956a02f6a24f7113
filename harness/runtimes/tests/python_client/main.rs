//! Our Python client against a scripted Runtime API: events, loading, ends. The files beside this
//! one hold a subject each.
//!
//! Expectations are what awslambdaric 4.2.2 (PyPI) did with the same function on CPython 3.11.7, or
//! on 3.12.1 and 3.13.0 where the version matters. It was run by a start script of the managed
//! runtime's shape (code folder first in `sys.path`, its `.pth` files read).

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod context;
mod errors;
mod json;
mod logs;
#[path = "../support/mod.rs"]
mod support;

use support::Function;

fn start(source: &str) -> Option<Function> {
    Function::write_and_start(&[("app.py", source)], "app.handler", "python")
}

#[test]
fn answers_and_keeps_state_between_invocations_on_every_version() {
    let source = "n = 0\ndef handler(event, context):\n    global n\n    n += 1\n    print('log', n)\n    return {'n': n}\n";
    for runtime in [
        "python",
        "python3.6",
        "python3.7",
        "python3.8",
        "python3.9",
        "python3.10",
        "python3.12",
        "python3.13",
    ] {
        let files = [("app.py", source)];
        let Some(mut function) = Function::start_if_installed(&files, "app.handler", runtime) else {
            continue;
        };
        for n in 1..=3 {
            assert_eq!(function.respond("{}"), format!("{{\"n\": {n}}}"), "{runtime}");
        }
        let ended = function.hang_up();
        assert_eq!(ended.status.code(), Some(0), "{ended:?}");
        assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("log 1\nlog 2\nlog 3\n", ""));
    }
}

#[test]
fn reads_events_that_arrive_in_pieces() {
    let Some(mut function) = start("def handler(event, context):\n    return len(event['s'])\n") else {
        return;
    };
    for size in [1, 7, 100] {
        function.send_in_pieces(r#"{"s":"☃ snow"}"#, size);
        assert_eq!(function.answer().1, "6");
    }
    let event = format!("{{\"s\":\"{}\"}}", "x".repeat(1 << 20));
    assert_eq!(function.respond(&event), "1048576");
    function.send_in_pieces(&event, 10_000);
    assert_eq!(function.answer().1, "1048576");
}

#[test]
fn reads_chunked_answers() {
    let Some(mut function) = start("def handler(event, context):\n    return event\n") else {
        return;
    };
    for size in [1, 20, 1000] {
        function.expect_next();
        let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nLambda-Runtime-Aws-Request-Id: a\r\n\r\n\
                    3\r\n{\"a\r\n4;x=y\r\n\":1}\r\n0\r\n\r\n";
        for piece in text.as_bytes().chunks(size) {
            function.write(piece);
        }
        assert_eq!(function.read().unwrap().body, "{\"a\": 1}");
        function.accept();
    }
}

#[test]
fn goes_on_after_exhausted_stacks() {
    let Some(mut function) = start("def handler(event, context):\n    return handler(event, context)\n")
    else {
        return;
    };
    assert_eq!(function.fail("{}")["errorType"], "RecursionError");
    assert_eq!(function.fail("{}")["errorType"], "RecursionError");
}

#[test]
fn ends_with_the_function() {
    // The exit status, and whether atexit handlers run and threads are waited for.
    let cases = [
        ("sys.exit(3)", Some(3), "thread\natexit\n"),
        ("sys.exit('text')", Some(1), "thread\natexit\n"),
        ("raise SystemExit", Some(0), "thread\natexit\n"),
        ("raise SystemExit(-1)", Some(255), "thread\natexit\n"),
        ("raise BaseException", Some(1), "thread\natexit\n"),
        ("raise GeneratorExit", Some(1), "thread\natexit\n"),
        ("raise KeyboardInterrupt", None, "thread\natexit\n"),
        ("os._exit(42)", Some(42), ""),
        ("os.kill(os.getpid(), 9)", None, ""),
    ];
    for (statement, code, stdout) in cases {
        let source = format!(
            "import atexit, os, sys, threading\natexit.register(print, 'atexit')\ngo = threading.Event()\n\
             def wait():\n    go.wait()\n    print('thread')\n\
             def handler(event, context):\n    threading.Thread(target=wait).start()\n    \
             threading.Thread(target=threading.Event().wait, daemon=True).start()\n    \
             if '_exit' not in {statement:?}:\n        go.set()\n    {statement}\n"
        );
        let Some(mut function) = start(&source) else {
            return;
        };
        function.send("{}");
        assert!(function.read().is_none(), "{statement}");
        let ended = function.end();
        assert_eq!(ended.status.code(), code, "{statement}: {ended:?}");
        if statement != "os.kill(os.getpid(), 9)" {
            assert_eq!(ended.stdout, stdout, "{statement}: {ended:?}");
        }
    }
}

#[test]
fn ends_with_a_function_that_exits_while_it_loads() {
    for (statement, code) in
        [("sys.exit(7)", 7), ("sys.exit(0)", 0), ("class B(BaseException): pass\nraise B", 1)]
    {
        let Some(function) = start(&format!("import sys\n{statement}\n")) else {
            return;
        };
        let ended = function.end_without_a_word();
        assert_eq!(ended.status.code(), Some(code), "{ended:?}");
    }
}

#[test]
fn loads_modules_of_packages() {
    let files = [("pkg/__init__.py", ""), ("pkg/mod.py", "def func(event, context):\n    return __name__\n")];
    for handler in ["pkg.mod.func", "pkg/mod.func"] {
        let Some(mut function) = Function::write_and_start(&files, handler, "python") else {
            return;
        };
        assert_eq!(function.respond("{}"), "\"pkg.mod\"");
    }
}

#[test]
fn loads_what_the_names_in_its_own_folder_mean_to_the_function() {
    let own = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/clients/python")).unwrap();
    let mut names: Vec<String> =
        own.map(|it| it.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    // This one is offered: the managed runtime has it.
    names.retain(|name| name != "snapshot_restore_py");
    assert!(names.len() > 5, "{names:?}");
    let source = format!(
        "import importlib, importlib.util, os, sys\ndef handler(event, context):\n    found = []\n    \
         for name in {names:?}:\n        \
         try:\n            importlib.import_module(name)\n            found.append(name)\n        \
         except ImportError:\n            pass\n    \
         own = os.path.dirname(os.path.abspath(sys.modules['__main__'].__file__))\n    \
         inside = [p for p in sys.path if os.path.abspath(p) == own]\n    \
         loaded = [n for n, m in sys.modules.items() if n != '__main__' and own in (getattr(m, '__file__', None) or '')]\n    \
         return [found, inside, loaded, sys.path[0] == os.environ['LAMBDA_TASK_ROOT'] == os.getcwd(), len(sys.argv)]\n"
    );
    let Some(mut function) = start(&source) else {
        return;
    };
    assert_eq!(function.respond("{}"), "[[], [], [], true, 1]");

    // And the other way round: its own modules of these names are the ones that are loaded.
    for name in &names {
        let file = format!("{name}.py");
        let files = [(file.as_str(), "def handler(event, context):\n    return __file__\n")];
        let Some(mut function) = Function::write_and_start(&files, &format!("{name}.handler"), "python")
        else {
            return;
        };
        assert!(function.respond("{}").ends_with(&format!("/code/{file}\"")), "{name}");
    }
}

#[test]
fn reads_the_pth_files_of_the_code_folder() {
    // /var/runtime/bootstrap.py of AWS's images calls site.addsitedir.
    let files = [
        ("extra.pth", "sub\n"),
        ("sub/inner.py", "value = 5\n"),
        ("app.py", "import inner\ndef handler(event, context):\n    return inner.value\n"),
    ];
    let Some(mut function) = Function::write_and_start(&files, "app.handler", "python") else {
        return;
    };
    assert_eq!(function.respond("{}"), "5");
}

#[test]
fn ends_when_an_answer_is_refused() {
    let Some(mut function) = start("def handler(event, context):\n    return 1\n") else {
        return;
    };
    function.send("{}");
    assert_eq!(function.read().unwrap().body, "1");
    function.reply("410 Gone");
    let ended = function.end();
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert!(
        ended.stdout.starts_with("[ERROR] [")
            && ended.stdout.ends_with(
                "] LAMBDA_RUNTIME Failed to post handler success response. Http response code: 410. {\"status\":\"OK\"}\n\n"
            ),
        "{ended:?}"
    );
    assert!(ended.stderr.ends_with("RuntimeError: Failed to post invocation response\n"), "{ended:?}");
}

#[test]
fn asks_for_no_event_with_an_answer_that_is_too_large() {
    let source = "def handler(event, context):\n    return 'x' * event\n";
    let Some(mut function) = start(source) else {
        return;
    };
    // The largest that the service takes, quotes included.
    assert_eq!(function.respond("6291554").len(), 6_291_556);
    function.send("6291555");
    assert_eq!(function.read().unwrap().body.len(), 6_291_557);
    function.reply("413 Request Entity Too Large");
    assert!(function.read().is_none());
    let ended = function.end();
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
}

#[test]
fn speaks_through_a_socket_that_the_function_cannot_replace() {
    let source = "import socket, time\nsocket.setdefaulttimeout(0.001)\nclass Broken(object):\n    \
                  def __init__(self, *rest, **more): raise RuntimeError('no sockets')\n\
                  socket.socket = socket.create_connection = Broken\n\
                  def handler(event, context):\n    return event\n";
    let Some(mut function) = start(source) else {
        return;
    };
    for n in 0..3 {
        assert_eq!(function.respond(&n.to_string()), n.to_string());
    }
}

#[test]
fn calls_the_hooks_of_snapshots() {
    let variables = [("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start")];
    let registry =
        "from snapshot_restore_py import register_before_snapshot as b, register_after_restore as a\n";
    let begin = |source: &str| {
        let files = [("app.py", format!("{registry}{source}def handler(event, context):\n    return 1\n"))];
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        Function::start_with(&files, "app.handler", "python", &variables)
    };
    let source = "b(print, 'before 1')\n@b\ndef f(): print('before 2')\na(print, 'after', 1, sep='-')\na(print, 'after 2')\n";
    let Some(mut function) = begin(source) else {
        return;
    };
    assert_eq!(function.read().unwrap().path, "/2018-06-01/runtime/restore/next");
    function.reply("200 OK");
    assert_eq!(function.respond("{}"), "1");
    assert_eq!(function.hang_up().stdout, "before 2\nbefore 1\nafter-1\nafter 2\n");

    let mut function = begin("import sys\nb(sys.exit, 3)\n").unwrap();
    let asked = function.read().unwrap();
    assert_eq!(asked.path, "/2018-06-01/runtime/init/error");
    assert_eq!(asked.headers["lambda-runtime-function-error-type"], "Runtime.BeforeSnapshotError");
    assert!(
        asked.body.starts_with(
            r#"{"errorMessage": "3", "errorType": "SystemExit", "requestId": "", "stackTrace": ["#
        )
    );
    function.accept();
    assert_eq!(function.end().status.code(), Some(64));

    let mut function = begin("def f(): raise ValueError('after')\na(f)\n").unwrap();
    function.read().unwrap();
    function.reply("200 OK");
    let asked = function.read().unwrap();
    assert_eq!(asked.path, "/2018-06-01/runtime/restore/error");
    assert_eq!(asked.headers["lambda-runtime-function-error-type"], "Runtime.AfterRestoreError");
    function.accept();
    assert_eq!(function.end().status.code(), Some(65));
}
