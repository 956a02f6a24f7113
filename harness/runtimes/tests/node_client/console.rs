//! Log records: lines, JSON and frames.

use super::{BOTH, Client, V3, V4};

const SOURCE: &str = "console.log('loading');\n\
    exports.handler = async (event) => {\n\
    console.log('a\\nb %s', 1, { x: 1 }); console.info(); console.warn({ w: 1 });\n\
    console.debug('d'); console.trace('t'); console.fatal('f ☃');\n\
    console.error('said', new TypeError('te')); console.error(Object.assign(new RangeError('re'), { code: 5 }));\n\
    process.stdout.write('raw\\n'); return console.log === console.info; };";

/// Text with its times, and the frames of stacks, taken out.
fn without_times(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| {
        let (head, rest) = line.split_at(line.find(['\t', ',', '\n']).unwrap_or(line.len()));
        let is_time = head.trim_start_matches("{\"timestamp\":\"").starts_with("20");
        let kept = if is_time { format!("TIME{rest}") } else { line.to_owned() };
        // A stack continues, as lines or as carriage returns, up to a quote or the end.
        let mut shown = String::new();
        let mut rest = kept.as_str();
        while let Some(at) = rest.find("    at ") {
            let kept = rest[..at].strip_suffix("\\n").unwrap_or(&rest[..at]);
            shown.push_str(kept.trim_end_matches(['\r', '"', ',']));
            let end = rest[at..].find(['\r', '"', '\n', '\\']).map_or(rest.len(), |it| at + it);
            rest = &rest[end..];
        }
        shown + rest
    });
    lines.collect()
}

/// What the function writes to stdout and stderr in one invocation.
fn written(client: Client, variables: &[(&str, &str)]) -> Option<(String, Vec<u8>)> {
    let mut function = client.start_with(&[("index.js", SOURCE)], "index.handler", variables)?;
    assert_eq!(function.respond("{}"), "true");
    let ended = function.hang_up();
    Some((without_times(&ended.stdout), ended.stderr_bytes))
}

#[test]
fn writes_lines_to_stdout() {
    for client in BOTH {
        let Some((stdout, stderr)) = written(client, &[]) else {
            return;
        };
        assert_eq!(stderr, b"", "{client:?}");
        let before = if client == V3 { "undefined" } else { "-" };
        let lines: Vec<&str> = stdout.lines().collect();
        let expected = [
            &format!("TIME\t{before}\tINFO\tloading"),
            "TIME\trequest-1\tINFO\ta\rb 1 { x: 1 }",
            "TIME\trequest-1\tINFO\tundefined",
            "TIME\trequest-1\tWARN\t{ w: 1 }",
            "TIME\trequest-1\tDEBUG\td",
            "TIME\trequest-1\tTRACE\tt",
            "TIME\trequest-1\tFATAL\tf ☃",
            "TIME\trequest-1\tERROR\tsaid TypeError: te",
        ];
        assert_eq!(lines[..expected.len()], expected, "{client:?}");
        assert!(lines[expected.len()].starts_with("TIME\trequest-1\tERROR\tRangeError: re"), "{stdout}");
        assert_eq!(lines[expected.len() + 1..], ["raw"]);
    }
}

#[test]
fn writes_json_where_that_is_configured() {
    for client in BOTH {
        let Some((stdout, _)) = written(client, &[("AWS_LAMBDA_LOG_FORMAT", "json")]) else {
            return;
        };
        let before = if client == V3 { "" } else { ",\"requestId\":\"-\"" };
        let lines: Vec<&str> = stdout.lines().collect();
        let id = "\"requestId\":\"request-1\"";
        let expected = [
            format!("TIME,\"level\":\"INFO\"{before},\"message\":\"loading\"}}"),
            format!("TIME,\"level\":\"INFO\",{id},\"message\":\"a\\nb 1 {{ x: 1 }}\"}}"),
            format!("TIME,\"level\":\"INFO\",{id}}}"),
            format!("TIME,\"level\":\"WARN\",{id},\"message\":{{\"w\":1}}}}"),
            format!("TIME,\"level\":\"DEBUG\",{id},\"message\":\"d\"}}"),
            format!("TIME,\"level\":\"TRACE\",{id},\"message\":\"t\"}}"),
            format!("TIME,\"level\":\"FATAL\",{id},\"message\":\"f ☃\"}}"),
            format!(
                "TIME,\"level\":\"ERROR\",{id},\"message\":\"said TypeError: te\",\"errorType\":\"TypeError\",\
                 \"errorMessage\":\"te\",\"stackTrace\":[\"TypeError: te\"]}}"
            ),
            format!(
                "TIME,\"level\":\"ERROR\",{id},\"message\":{{\"errorType\":\"RangeError\",\
                 \"errorMessage\":\"re\",\"stackTrace\":[\"RangeError: re\"],\"code\":5}}}}"
            ),
            "raw".to_owned(),
        ];
        assert_eq!(lines, expected, "{client:?}");
    }
}

#[test]
fn leaves_out_what_is_below_the_level() {
    for client in BOTH {
        let Some((stdout, _)) = written(client, &[("AWS_LAMBDA_LOG_LEVEL", "warn")]) else {
            return;
        };
        let levels: Vec<&str> = stdout.lines().filter_map(|line| line.split('\t').nth(2)).collect();
        assert_eq!(levels, ["WARN", "FATAL", "ERROR", "ERROR"], "{client:?}");
        let Some((stdout, _)) = written(client, &[("AWS_LAMBDA_LOG_LEVEL", "nonsense")]) else {
            return;
        };
        assert_eq!(stdout.matches("TIME").count(), 9, "{client:?}");
    }
}

/// Type and text of each frame; checks lengths and times.
fn frames(mut bytes: &[u8]) -> Vec<(u32, String)> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let (head, rest) = bytes.split_at(16);
        let word = |at: usize| u32::from_be_bytes(head[at..at + 4].try_into().unwrap());
        let (text, rest) = rest.split_at(word(4) as usize);
        let micros = i64::from_be_bytes(head[8..].try_into().unwrap());
        let text = String::from_utf8(text.to_vec()).unwrap();
        // Both are the same moment, in milliseconds.
        let tail = format!("{:03}Z", micros / 1000 % 1000);
        assert!(micros % 1000 == 0 && text.contains(&tail), "{micros} {text}");
        found.push((word(0), without_times(&text)));
        bytes = rest;
    }
    found
}

#[test]
fn frames_records_for_the_platform() {
    let fd = ("_LAMBDA_TELEMETRY_LOG_FD", "2");
    for client in BOTH {
        let Some((stdout, bytes)) = written(client, &[fd]) else {
            return;
        };
        assert_eq!(stdout, "raw\n");
        let found = frames(&bytes);
        let types: Vec<u32> = found.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(
            types,
            [
                0xa55a_000f,
                0xa55a_000f,
                0xa55a_000f,
                0xa55a_0013,
                0xa55a_000b,
                0xa55a_0007,
                0xa55a_001b,
                0xa55a_0017,
                0xa55a_0017
            ]
        );
        // A record keeps its line feeds and ends with one.
        assert_eq!(found[1].1, "TIME\trequest-1\tINFO\ta\nb 1 { x: 1 }\n");
        assert_eq!(found[6].1, "TIME\trequest-1\tFATAL\tf ☃\n");

        let Some((_, bytes)) = written(client, &[fd, ("AWS_LAMBDA_LOG_FORMAT", "JSON")]) else {
            return;
        };
        let found = frames(&bytes);
        assert_eq!(found[5].0, 0xa55a_0006);
        assert_eq!(found[5].1, "TIME,\"level\":\"TRACE\",\"requestId\":\"request-1\",\"message\":\"t\"}");
    }
}

#[test]
fn a_frame_is_whole_though_its_reader_is_slow() {
    // The platform's pipe may be one that does not block; it holds far less than this.
    let source = "process.stderr._handle.setBlocking(false); \
        exports.handler = async () => console.log('x'.repeat(8 << 20));";
    for client in BOTH {
        let files = [("index.js", source)];
        let fd = [("_LAMBDA_TELEMETRY_LOG_FD", "2")];
        let Some(mut function) = client.start_with(&files, "index.handler", &fd) else {
            return;
        };
        function.send("{}");
        let stderr = function.read_stderr();
        assert_eq!(function.answer(), ("response".to_owned(), "null".to_owned()), "{client:?}");
        function.hang_up();
        let found = frames(&stderr.join().unwrap());
        let text = &found[0].1;
        assert_eq!((found.len(), text.matches('x').count()), (1, 8 << 20), "{client:?}");
    }
}

#[test]
fn client_4_takes_descriptor_0_for_none() {
    let Some((stdout, _)) = written(V4, &[("_LAMBDA_TELEMETRY_LOG_FD", "0")]) else {
        return;
    };
    assert_eq!(stdout.matches("TIME").count(), 9);
}

#[test]
fn names_the_tenant_in_json() {
    let files = [("index.js", "exports.handler = async () => console.log('x');")];
    for client in BOTH {
        let json = [("AWS_LAMBDA_LOG_FORMAT", "JSON")];
        let Some(mut function) = client.start_with(&files, "index.handler", &json) else {
            return;
        };
        function.send_with("{}", &[("Lambda-Runtime-Aws-Tenant-Id", "blue")]);
        function.answer();
        let ended = function.hang_up();
        // Client 4 knows the word and never sets it.
        assert_eq!(ended.stdout.contains("\"tenantId\":\"blue\""), client == V3, "{ended:?}");
    }
}

#[test]
fn logs_errors_with_all_that_they_carry() {
    let source = "exports.handler = async (event) => { const error = new Error('x'); \
        if (event.round) error.round = error; \
        else Object.assign(error, { code: 'E1', detail: { inner: new TypeError('in') } }); throw error; };";
    for client in BOTH {
        let Some(mut function) = client.start(source) else {
            return;
        };
        function.fail("{}");
        function.fail(r#"{"round":1}"#);
        let stdout = without_times(&function.hang_up().stdout);
        let lines: Vec<&str> = stdout.lines().collect();
        assert_eq!(
            lines,
            [
                "TIME\trequest-1\tERROR\tInvoke Error \t{\"errorType\":\"Error\",\"errorMessage\":\"x\",\"code\":\"E1\",\
                 \"detail\":{\"inner\":{\"errorType\":\"TypeError\",\"errorMessage\":\"in\",\"stack\":[\"TypeError: in\"]}},\
                 \"stack\":[\"Error: x\"]}",
                "TIME\trequest-2\tERROR\tInvoke Error \t{\"errorType\":\"Error\",\"errorMessage\":\"x\",\
                 \"trace\":[\"Error: x\"]}"
            ],
            "{client:?}"
        );
    }
}

#[test]
fn logs_through_what_the_function_has_made_of_console() {
    let source = "exports.handler = async () => { \
        console.error = (...parts) => process.stdout.write(`mine ${parts.length}\\n`); throw new Error('x'); };";
    for client in BOTH {
        let Some(mut function) = client.start(source) else {
            return;
        };
        function.fail("{}");
        assert_eq!(function.hang_up().stdout, "mine 2\n", "{client:?}");
    }
}
