//! Callbacks and the empty event loop, as in client 3.

use super::V3;

#[test]
fn waits_for_the_event_loop_in_callback_style() {
    let source = "exports.handler = (event, context, callback) => {\n\
        if (event.fast) context.callbackWaitsForEmptyEventLoop = false;\n\
        let late = 'early'; callback(null, { get late() { return late; } });\n\
        setTimeout(() => { late = 'late'; }, 20); callback(null, 'second'); };";
    let Some(mut function) = V3.start(source) else {
        return;
    };
    assert_eq!(function.respond("{}"), "{\"late\":\"late\"}");
    assert_eq!(function.respond("{\"fast\":1}"), "{\"late\":\"early\"}");
    assert_eq!(function.respond("{}"), "{\"late\":\"late\"}");
}

#[test]
fn reports_errors_in_callback_style() {
    let source = "exports.handler = (event, context, callback) => {\n\
        if (event.sync) throw new RangeError('sync');\n\
        if (event.done) return setTimeout(() => context.done(null, 'done'), 1);\n\
        if (event.fail) return context.fail();\n\
        if (event.falsy) throw undefined;\n\
        setTimeout(() => callback(new Error('late')), 1); };";
    let Some(mut function) = V3.start(source) else {
        return;
    };
    assert_eq!(function.fail("{}")["errorMessage"], "late");
    assert_eq!(function.fail("{\"sync\":1}")["errorType"], "RangeError");
    assert_eq!(function.respond("{\"done\":1}"), "\"done\"");
    assert_eq!(function.fail("{\"fail\":1}")["errorMessage"], "handled");
    assert_eq!(function.fail("not json")["errorType"], "SyntaxError");
    assert_eq!(function.respond("{\"falsy\":1}"), "null");
}

#[test]
fn warns_of_callbacks_that_node_24_will_not_have() {
    let files = [("index.js", "exports.handler = (event, context, callback) => callback(null, 1);")];
    let warning = "\tundefined\tWARN\tAWS Lambda plans to remove support for callback-based function handlers \
         starting with Node.js 24. ";
    let variable = ("AWS_LAMBDA_NODEJS_DISABLE_CALLBACK_WARNING", "");
    for (variables, warns) in [(&[][..], true), (&[variable], false)] {
        let Some(mut function) = V3.start_with(&files, "index.handler", variables) else {
            return;
        };
        assert_eq!(function.respond("{}"), "1");
        let ended = function.hang_up();
        assert_eq!(ended.stdout.contains(warning), warns, "{ended:?}");
    }
}

#[test]
fn ends_the_invocation_when_the_event_loop_is_empty() {
    let Some(mut function) = V3.start("exports.handler = (event) => { setTimeout(() => {}, 5); return 1; };")
    else {
        return;
    };
    for _ in 0..3 {
        assert_eq!(function.respond("{}"), "null");
    }
    let Some(mut function) = V3.start("exports.handler = async () => new Promise(() => {});") else {
        return;
    };
    for _ in 0..3 {
        assert_eq!(function.fail("{}")["errorType"], "Runtime.NodeJsExit");
    }
    let ended = function.hang_up();
    assert!(
        ended.stdout.contains("\trequest-3\tERROR\tInvoke Error \t{\"errorType\":\"Runtime.NodeJsExit\"")
    );
}

#[test]
fn a_result_that_is_not_json_fails_who_waits_for_it() {
    let source = "exports.handler = (event, context, callback) => {\n\
        context.callbackWaitsForEmptyEventLoop = Boolean(event.waits); callback(null, 1n); };";
    let message = "Unable to stringify response body";
    let Some(mut function) = V3.start(source) else {
        return;
    };
    // In the handler's own frame it is the handler's error.
    assert_eq!(function.fail("{}")["errorMessage"], message);
    // After it nobody catches it.
    assert_eq!(function.fail(r#"{"waits":true}"#)["errorMessage"], message);
    let ended = function.end();
    assert_eq!(ended.status.code(), Some(129));
    assert!(ended.stdout.contains("\tERROR\tUncaught Exception \t"), "{ended:?}");
}

#[test]
fn posts_late_answers_beside_the_connection_that_waits() {
    let source = "let old; exports.handler = (event, context, callback) => {\n\
        if (!old) { old = callback; return; }\n  setTimeout(() => old(new Error('from before')), 5); };";
    let Some(mut function) = V3.start(source) else {
        return;
    };
    assert_eq!(function.respond("{}"), "null");
    function.send("{}");
    // The first invocation was answered for an empty event loop; its callback still posts.
    let asked = function.read().unwrap();
    assert_eq!(asked.path, "/2018-06-01/runtime/invocation/request-1/error");
    assert!(asked.body.contains("from before"), "{asked:?}");
}
