//! Error documents, error types and causes.

use super::Add;
use crate::requests::{RUNTIME, answered, chunked, event, fail, init_error, next};
use crate::walk::End::Exit;
use crate::walk::Step::{Call, End, Invoked};

pub(super) fn add(add: Add<'_>) {
    for kind in [
        "Runtime.Known",
        "Function.Known",
        "Function.lower",
        "Function.",
        "Other",
        "",
        "x Runtime.Ab",
        "Function<X>",
        "Runtime.A",
        "Runtime.AB",
        "Runtime.Ab1",
        "Runtime.A1b",
        "runtime.Ab",
        "RUNTIME.Ab",
        "Runtime.\u{c4}b",
        "Sandbox.Timeout",
        "Extension.Crash",
        "Function.A, Runtime.Bc",
        "MyFunction.Known",
        "Runtime.Ab\t<&>",
        "Runtime.ExitError",
        "\u{fc}",
        "unhandled",
        "errorString",
    ] {
        add(
            &format!("error type {kind:?}"),
            answered(fail(&[("Lambda-Runtime-Function-Error-Type", kind)], b"{\"errorType\":\"Own\"}")),
        );
    }
    let cause = "application/vnd.aws.lambda.error.cause+json";
    for (name, kind, body) in [
        ("json", "application/json", "{\"errorMessage\":\"m\",\"errorType\":\"T\"}"),
        ("no json", "application/json", "{oops"),
        ("text", "text/plain", "oops"),
        ("nothing", "application/json", ""),
        (
            "a cause within",
            cause,
            "{\"errorMessage\":\"<m>\",\"errorType\":\"T\",\"stackTrace\":[\"a\",\"b\"],\"errorCause\":{\"message\":\"c\"},\"more\":1}",
        ),
        ("a cause that is no cause", cause, "{\"errorType\":\"T\",\"errorCause\":{}}"),
        ("a cause without a document", cause, "oops"),
        ("a cause and an odd document", cause, "[]"),
        ("a cause with nulls", cause, "{\"errorType\":null,\"stackTrace\":null}"),
    ] {
        add(&format!("error document: {name}"), answered(fail(&[("Content-Type", kind)], body.as_bytes())));
    }
    for (name, cause) in [
        (
            "valid",
            r#"{"working_directory":"/var/task","exceptions":[{"type":"T","message":"m","stack":[{"path":"p","line":1,"label":"l"}]}],"paths":["p"]}"#,
        ),
        ("with a message alone", r#"{"message":"m"}"#),
        ("with more", r#"{"message":"m","more":{"a":1}}"#),
        ("empty", "{}"),
        ("of empty parts", r#"{"exceptions":[],"paths":[],"working_directory":"","message":""}"#),
        ("of nulls", r#"{"exceptions":null,"working_directory":null}"#),
        ("of other types", r#"{"working_directory":1}"#),
        ("with a line that is a string", r#"{"exceptions":[{"stack":[{"line":"1"}]}]}"#),
        ("with names in capitals", r#"{"Working_Directory":"w"}"#),
        ("in a list", r#"[{"message":"m"}]"#),
        ("in a string", r#""m""#),
        ("null", "null"),
        ("no JSON", "oops"),
        ("of no bytes", ""),
        ("twice over", r#"{"message":"m"}{"message":"m"}"#),
    ] {
        let headers = [("Lambda-Runtime-Function-XRay-Error-Cause", cause)];
        add(&format!("cause in a header: {name}"), answered(fail(&headers, b"{}")));
        let body = format!(r#"{{"errorType":"T","errorCause":{cause}}}"#);
        let within = [("Content-Type", "application/vnd.aws.lambda.error.cause+json")];
        add(&format!("cause within: {name}"), answered(fail(&within, body.as_bytes())));
    }
    let kind = |value| ("Lambda-Runtime-Function-Error-Type", value);
    add("two error types", answered(fail(&[kind("Runtime.First"), kind("Runtime.Second")], b"{}")));
    add("an error in a mode", answered(fail(&[("Lambda-Runtime-Function-Response-Mode", "other")], b"{}")));
    add(
        "a chunked error",
        answered(chunked(
            &format!("{RUNTIME}/invocation/{{id}}/error"),
            &[kind("Runtime.My")],
            &[b"{", b"}"],
            "",
        )),
    );
    for (name, kind) in [
        ("with a charset", "application/vnd.aws.lambda.error.cause+json; charset=utf-8"),
        ("in capitals", "Application/vnd.aws.lambda.error.cause+json"),
    ] {
        let body = br#"{"errorType":"T","errorCause":{"message":"m"}}"#;
        add(&format!("the media type of a cause {name}"), answered(fail(&[("Content-Type", kind)], body)));
    }
    for (name, body) in
        [("json", &b"{\"errorType\":\"T\"}"[..]), ("text", b"oops"), ("nothing", b""), ("bytes", b"\xff\xfe")]
    {
        add(
            &format!("an init error's document: {name}"),
            vec![event("{}"), Call(0, init_error(body)), End(Exit(1)), Invoked],
        );
    }
    add("an init error without a document", vec![event("{}"), Call(0, init_error(b"")), Call(0, next())]);
}
