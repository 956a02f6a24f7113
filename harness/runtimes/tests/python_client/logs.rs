//! What a function writes: its streams, Python's logging, and the frames of the telemetry descriptor.

use crate::start;
use crate::support::{Ended, Function};

/// Frames go to stderr, so that the test can read them apart from stdout.
const FRAMES: (&str, &str) = ("_LAMBDA_TELEMETRY_LOG_FD", "2");

fn start_as(source: &str, variables: &[(&str, &str)]) -> Option<Function> {
    Function::start_with(&[("app.py", source)], "app.handler", "python", variables)
}

/// Type and text of each frame.
fn frames(ended: &Ended) -> Vec<(u32, String)> {
    let mut rest = ended.stderr_bytes.as_slice();
    let mut found = Vec::new();
    while let Some((head, after)) = rest.split_first_chunk::<16>() {
        let number =
            |from: usize, to: usize| head[from..to].iter().fold(0_u64, |sum, it| (sum << 8) | u64::from(*it));
        let (text, after) = after.split_at(usize::try_from(number(4, 8)).unwrap());
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_micros();
        let age = now - u128::from(number(8, 16));
        assert!(age < 600_000_000, "written {age} microseconds ago");
        found.push((u32::try_from(number(0, 4)).unwrap(), String::from_utf8(text.to_vec()).unwrap()));
        rest = after;
    }
    assert_eq!(rest, b"", "{ended:?}");
    found
}

/// Replaces the time in a line of text or JSON.
fn timeless(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("20") {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let end = from.find('Z').filter(|end| *end < 25 && from[..*end].contains('T'));
        match end {
            Some(end) => {
                out.push_str("TIME");
                rest = &from[end + 1..];
            }
            None => {
                out.push_str("20");
                rest = &from[2..];
            }
        }
    }
    out + rest
}

const LOGS: &str = "import logging\nlogging.warning('at init')\nlog = logging.getLogger('my')\ndef handler(event, context):\n    log.debug('d'); log.info('i'); log.warning('w %s', 1); log.error('ä'); log.critical('c'); logging.log(35, 'l')\n    print('p', 1)\n    context.log('q')\n    return log.getEffectiveLevel()\n";

#[test]
fn logs_text() {
    let Some(mut function) = start(LOGS) else {
        return;
    };
    assert_eq!(function.respond("{}"), "30");
    assert_eq!(
        timeless(&function.hang_up().stdout),
        "[WARNING]\tTIME\t\tat init\n[WARNING]\tTIME\trequest-1\tw 1\n[ERROR]\tTIME\trequest-1\tä\n\
         [CRITICAL]\tTIME\trequest-1\tc\n[Level 35]\tTIME\trequest-1\tl\np 1\nq"
    );
}

#[test]
fn logs_from_the_level_that_is_configured() {
    // The variable, and the root logger's level.
    for (name, level) in [
        ("DEBUG", 10),
        ("info", 20),
        ("TRACE", 10),
        ("trace", 30),
        ("FATAL", 50),
        ("WARN", 30),
        ("NOPE", 30),
        ("", 30),
    ] {
        let Some(mut function) = start_as(LOGS, &[("AWS_LAMBDA_LOG_LEVEL", name)]) else {
            return;
        };
        assert_eq!(function.respond("{}"), level.to_string(), "{name}");
        let stdout = function.hang_up().stdout;
        assert_eq!(stdout.contains("\trequest-1\td\n"), level <= 10, "{name}: {stdout}");
        assert_eq!(stdout.contains("\trequest-1\ti\n"), level <= 20, "{name}: {stdout}");
        assert_eq!(stdout.contains("\trequest-1\tw 1\n"), level <= 30, "{name}: {stdout}");
    }
}

#[test]
fn logs_json() {
    let source = "import logging\nlog = logging.getLogger('my')\ndef handler(event, context):\n    log.warning('w %s', 1)\n    log.error({'a': 1, 'b': {2}})\n    log.warning('x', extra={'k': 'ä', 'level': 'no', 'q': None, 'o': {3}})\n    logging.log(65, 'm')\n    try:\n        1 / 0\n    except Exception:\n        log.exception('ex')\n    raise ValueError('boom ä')\n";
    let variables = [("AWS_LAMBDA_LOG_FORMAT", "Json"), ("AWS_EXECUTION_ENV", "AWS_Lambda_python3.11")];
    let Some(mut function) = start_as(source, &variables) else {
        return;
    };
    function.send_with("{}", &[("Lambda-Runtime-Aws-Tenant-Id", "t1")]);
    function.answer();
    let stdout = timeless(&function.hang_up().stdout);
    let lines: Vec<&str> = stdout.split_terminator('\n').collect();
    let file = lines[4].split("\"location\": \"").nth(1).unwrap().split(":handler:").next().unwrap();
    assert!(file.ends_with("/code/app.py"), "{stdout}");
    let tail = "\"requestId\": \"request-1\", \"tenantId\": \"t1\"";
    let expected = [
        format!(r#"{{"timestamp": "TIME", "level": "WARNING", "message": "w 1", "logger": "my", {tail}}}"#),
        format!(
            r#"{{"timestamp": "TIME", "level": "ERROR", "message": {{"a": 1, "b": "{{2}}"}}, "logger": "my", {tail}}}"#
        ),
        format!(
            r#"{{"timestamp": "TIME", "level": "WARNING", "message": "x", "logger": "my", {tail}, "k": "ä", "o": "{{3}}"}}"#
        ),
        format!(r#"{{"timestamp": "TIME", "level": "CRITICAL", "message": "m", "logger": "root", {tail}}}"#),
    ];
    assert_eq!(lines[..4], expected);
    assert!(lines[4].starts_with(
        r#"{"timestamp": "TIME", "level": "ERROR", "message": "ex", "logger": "my", "stackTrace": ["  File "#
    ));
    assert!(lines[4].ends_with(&format!(
        r#"], "errorType": "ZeroDivisionError", "errorMessage": "division by zero", "requestId": "request-1", "location": "{file}:handler:11", "tenantId": "t1"}}"#
    )), "{stdout}");
    // Python 3.12 and newer name the task of a record too.
    assert_eq!(
        lines[5],
        format!(
            r#"{{"timestamp": "TIME", "level": "ERROR", "errorMessage": "boom \u00e4", "errorType": "ValueError", "requestId": "request-1", "stackTrace": ["  File \"{file}\", line 12, in handler\n    raise ValueError('boom \u00e4')\n"]}}"#
        )
    );
    assert_eq!(lines.len(), 6, "{stdout}");
}

#[test]
fn frames_log_records() {
    let Some(mut function) = start_as(LOGS, &[FRAMES]) else {
        return;
    };
    assert_eq!(function.respond("{}"), "30");
    let ended = function.hang_up();
    assert_eq!(ended.stdout, "p 1\n");
    let found: Vec<(u32, String)> =
        frames(&ended).into_iter().map(|(kind, text)| (kind, timeless(&text))).collect();
    // Without a level all text is of one type.
    let expected = [
        "[WARNING]\tTIME\t\tat init\n",
        "[WARNING]\tTIME\trequest-1\tw 1\n",
        "[ERROR]\tTIME\trequest-1\tä\n",
        "[CRITICAL]\tTIME\trequest-1\tc\n",
        "[Level 35]\tTIME\trequest-1\tl\n",
        "q",
    ];
    assert_eq!(found, expected.map(|text| (0xA55A_0003, text.to_owned())));
}

#[test]
fn frames_tell_levels_if_one_is_configured() {
    for (format, base) in [("Text", 0xA55A_0003_u32), ("JSON", 0xA55A_0002)] {
        let variables = [FRAMES, ("AWS_LAMBDA_LOG_LEVEL", "DEBUG"), ("AWS_LAMBDA_LOG_FORMAT", format)];
        let Some(mut function) = start_as(LOGS, &variables) else {
            return;
        };
        assert_eq!(function.respond("{}"), "10");
        let kinds: Vec<u32> = frames(&function.hang_up()).into_iter().map(|(kind, _)| kind).collect();
        let mut expected: Vec<u32> = [16, 8, 12, 16, 20, 24, 16].iter().map(|level| base + level).collect();
        // context.log knows no level, and no JSON.
        expected.push(0xA55A_0003);
        assert_eq!(kinds, expected, "{format}");
    }
}

#[test]
fn frames_errors_in_lines() {
    let source = "import os\ndef handler(event, context):\n    raise ValueError(os.environ.get('_LAMBDA_TELEMETRY_LOG_FD'))\n";
    for (format, kind) in [("Text", 0xA55A_0017), ("JSON", 0xA55A_0016)] {
        let Some(mut function) = start_as(source, &[FRAMES, ("AWS_LAMBDA_LOG_FORMAT", format)]) else {
            return;
        };
        function.fail("{}");
        let found = frames(&function.hang_up());
        let [(found_kind, text)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(*found_kind, kind);
        // The variable is gone. Neither of the two ends its text with a newline.
        if format == "Text" {
            let (head, rest) = text.split_once('\n').unwrap();
            assert_eq!(head, "[ERROR] ValueError: None");
            assert!(rest.starts_with("Traceback (most recent call last):\n\u{a0}\u{a0}File \""), "{text}");
            assert!(rest.ends_with(
                "\u{a0}\u{a0}\u{a0}\u{a0}raise ValueError(os.environ.get('_LAMBDA_TELEMETRY_LOG_FD'))"
            ));
        } else {
            assert!(
                timeless(text)
                    .starts_with(r#"{"timestamp": "TIME", "level": "ERROR", "errorMessage": "None""#),
                "{text}"
            );
            assert!(text.ends_with("\\n\"]}"), "{text}");
        }
    }
}

#[test]
fn ends_if_the_descriptor_is_none() {
    for value in ["x", "999", ""] {
        let Some(function) = start_as(LOGS, &[("_LAMBDA_TELEMETRY_LOG_FD", value)]) else {
            return;
        };
        assert_eq!(function.end_without_a_word().status.code(), Some(1));
    }
}

#[test]
fn keeps_nothing_back() {
    let source = "import os, sys\ndef handler(event, context):\n    sys.stdout.write('out')\n    sys.stdout.writelines([' put'])\n    sys.stderr.write('err')\n    sys.__stdout__.write('lost')\n    os._exit(3)\n";
    let Some(mut function) = start(source) else {
        return;
    };
    function.send("{}");
    assert!(function.read().is_none());
    let ended = function.end();
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("out put", "err"), "{ended:?}");
}

#[test]
fn wraps_the_streams_as_the_managed_runtime_does() {
    let source = "import io, sys\ndef handler(event, context):\n    o = sys.stdout\n    with o as same:\n        same.write('in')\n    print('after')\n    return [type(o).__name__, type(o).__module__, type(sys.stderr).__name__, isinstance(o, io.TextIOBase), o.write('x'), o.writelines(['y']), o.fileno(), o.name, o.stream is sys.__stdout__, hasattr(o, '__iter__'), type(sys.__stdout__).__name__]\n";
    let Some(mut function) = start(source) else {
        return;
    };
    assert_eq!(
        function.respond("{}"),
        r#"["Unbuffered", "awslambdaric.bootstrap", "Unbuffered", false, null, null, 1, "<stdout>", true, true, "TextIOWrapper"]"#
    );
    assert_eq!(function.hang_up().stdout, "inafter\nxy");
}

#[test]
fn follows_streams_that_the_function_replaces() {
    let source = "import io, logging, sys\nclass Out(object):\n    text, flushed = '', 0\n    def write(self, text): Out.text += text\n    def flush(self): Out.flushed += 1\nsys.stdout = Out()\ndef handler(event, context):\n    if event:\n        raise ValueError('x')\n    logging.warning('w')\n    print('p')\n    return [Out.text[-4:], Out.flushed]\n";
    let Some(mut function) = start(source) else {
        return;
    };
    // Nobody flushes for it.
    assert_eq!(function.respond("0"), r#"["w\np\n", 0]"#);
    function.fail("1");
    assert_eq!(function.respond("0"), r#"["w\np\n", 0]"#);
    assert_eq!(function.hang_up().stdout, "");
}

#[test]
fn ends_if_an_error_cannot_be_logged() {
    for (statement, code) in [
        ("sys.stdout.close(); raise ValueError", 1),
        ("sys.stdout.close(); print('x')", 1),
        ("sys.stdout.close(); logging.warning('x')", 1),
        ("sys.stdout = None; raise ValueError", 1),
        // Python's own code for output that is lost in the end.
        ("os.close(1); raise ValueError", 120),
    ] {
        let source = format!("import logging, os, sys\ndef handler(event, context):\n    {statement}\n");
        let Some(mut function) = start(&source) else {
            return;
        };
        function.send("{}");
        assert!(function.read().is_none(), "{statement}");
        assert_eq!(function.end().status.code(), Some(code), "{statement}");
    }
    let source = "import sys\ndef handler(event, context):\n    sys.stdout.close()\n    return 1\n";
    let mut function = start(source).unwrap();
    assert_eq!(function.respond("{}"), "1");
    assert_eq!(function.respond("{}"), "1");
}

#[test]
fn lets_errors_of_logging_reach_the_function() {
    // A StreamHandler would print them to stderr and go on.
    let source = "import logging\ndef handler(event, context):\n    logging.warning('%d', 'x')\n";
    let Some(mut function) = start(source) else {
        return;
    };
    let error = function.fail("{}");
    assert_eq!(error["errorType"], "TypeError", "{error}");
    assert_eq!(function.hang_up().stderr, "");
}

#[test]
fn has_one_handler_on_the_root_logger() {
    let source = "import logging\nlogging.basicConfig(level=logging.DEBUG)\ndef handler(event, context):\n    hs = logging.getLogger().handlers\n    h = hs[0]\n    logging.debug('d')\n    return [len(hs), repr(h), type(h).__module__, isinstance(h, logging.StreamHandler), type(h.log_sink).__name__, h.formatter._fmt, h.formatter.datefmt, type(h.filters[0]).__name__, logging.Formatter.converter.__name__, logging.getLogger().level]\n";
    let Some(mut function) = start(source) else {
        return;
    };
    assert_eq!(
        function.respond("{}"),
        r#"[1, "<LambdaLoggerHandler (NOTSET)>", "awslambdaric.bootstrap", false, "StandardLogSink", "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n", "%Y-%m-%dT%H:%M:%S", "LambdaLoggerFilter", "gmtime", 30]"#
    );
}

#[test]
fn warns_of_a_preview() {
    for (more, expected) in [("", true), ("1", false)] {
        let variables =
            [("AWS_EXECUTION_ENV", "AWS_Lambda_python3.15"), ("LAMBDA_DISABLE_PREVIEW_WARN", more)];
        let Some(mut function) = start_as("def handler(event, context):\n    pass\n", &variables) else {
            return;
        };
        function.respond("{}");
        let stdout = timeless(&function.hang_up().stdout);
        assert_eq!(
            stdout.starts_with("[WARNING]\tTIME\t\tLAMBDA_WARNING: This is a preview runtime version"),
            expected,
            "{stdout}"
        );
    }
}
