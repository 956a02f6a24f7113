//! Stack traces of real runtimes, read back.

use serde_json::json;

use super::*;

fn source() -> SourceText {
    let index = b"exports.handler = async (event) => {\n  throw new Error('no')\n}\n".to_vec();
    SourceText::new(Path::new("/f"), Path::new("/var/task"), [(PathBuf::from("/f/index.js"), index)])
}

#[test]
fn node_traces_start_with_the_innermost_frame() {
    let body = json!({ "errorType": "TypeError", "errorMessage": "x", "trace": [
        "TypeError: x",
        "    at parse (/f/node_modules/lib/a.js:9:1)",
        "    at exports.handler (/f/index.js:1:20)",
        "    at async file:///r/client.cjs:5:12",
    ]});
    let error = source().error("TypeError", body.to_string().as_bytes());
    assert_eq!(error.place().as_deref(), Some("index.js:1"));
    assert_eq!(error.frames.len(), 3);
    assert!(!error.is_deliberate(), "the innermost frame is a dependency's");
}

#[test]
fn python_traces_end_with_the_innermost_frame() {
    let body = json!({ "errorType": "KeyError", "errorMessage": "'a'", "stackTrace": [
        "  File \"/f/app.py\", line 3, in handler\n    return use(event)\n",
        "  File \"/f/app.py\", line 9, in use\n    return event['a']\n",
    ]});
    let error = source().error("KeyError", body.to_string().as_bytes());
    assert_eq!(error.place().as_deref(), Some("app.py:9"));
    assert!(!error.is_deliberate());
}

#[test]
fn an_error_raised_on_purpose_is_recognised_by_its_source_line() {
    let node = json!({ "trace": ["    at exports.handler (/f/index.js:2:9)"] });
    assert!(source().error("Error", node.to_string().as_bytes()).is_deliberate());
    let python =
        json!({ "stackTrace": ["  File \"/f/app.py\", line 9, in use\n    raise KeyError(name)\n"] });
    assert!(source().error("KeyError", python.to_string().as_bytes()).is_deliberate());
}

#[test]
fn finds_the_place_in_a_log() {
    let log =
        "Traceback (most recent call last):\n  File \"/f/app.py\", line 7, in h\n    boom()\nSystemExit: 3\n";
    assert_eq!(source().place_in_log(log).as_deref(), Some("app.py:7"));
    assert_eq!(source().place_in_log("nothing here"), None);
}
