//! Extensions, and what else a function can call beside the Runtime API.

use super::Add;
use crate::requests::{event, next, request, respond};
use crate::walk::Step::{Call, Close, Invoked, Receive, Send};

pub(super) fn add(add: Add<'_>) {
    let register = |name: &str, headers: &[(&str, &str)], body: &str| {
        let mut all = vec![("Lambda-Extension-Name", name)];
        all.extend(headers);
        request("POST", "/2020-01-01/extension/register", &all, body.as_bytes())
    };
    let get = |id: &str| {
        request("GET", "/2020-01-01/extension/event/next", &[("Lambda-Extension-Identifier", id)], b"")
    };
    let post = |what: &str, id: &str, kind: &str| {
        request(
            "POST",
            &format!("/2020-01-01/extension/{what}/error"),
            &[("Lambda-Extension-Identifier", id), ("Lambda-Extension-Function-Error-Type", kind)],
            b"{}",
        )
    };
    const INVOKE: &str = "{\"events\":[\"INVOKE\"]}";
    const UNKNOWN: &str = "11111111-1111-4111-8111-111111111111";
    add(
        "extension registers",
        vec![
            event("{}"),
            Call(0, register("", &[], INVOKE)),
            Call(0, register("e", &[], "{\"events\":[\"FOO\"]}")),
            Call(0, register("e", &[], "{\"events\":[\"SHUTDOWN\"]}")),
            Call(0, register("e", &[], "{\"events\":[\"INVOKE\",\"FOO\"]}")),
            Call(0, register("e", &[], "{\"configurationKeys\":[\"a\"]}")),
            Call(0, register("e", &[], INVOKE)),
            Call(0, register("e", &[], INVOKE)),
            Call(0, register("f", &[], "{}")),
            Call(0, register("g", &[("Lambda-Extension-Accept-Feature", "accountId")], "{}")),
        ],
    );
    for (name, document) in [
        ("none", "oops"),
        ("nothing", ""),
        ("a list", "[]"),
        ("null", "null"),
        ("a string", "\"a\""),
        ("events of another type", "{\"events\":\"INVOKE\"}"),
        ("events of numbers", "{\"events\":[1]}"),
        ("null for events", "{\"events\":null}"),
        ("events in capitals", "{\"EVENTS\":[\"FOO\"]}"),
        ("an event with markup", "{\"events\":[\"<&>\"]}"),
        ("an event twice", "{\"events\":[\"INVOKE\",\"INVOKE\"]}"),
        ("no events", "{\"events\":[]}"),
        ("no keys", "{\"configurationKeys\":[]}"),
        ("more", "{} {}"),
    ] {
        add(
            &format!("an extension's document: {name}"),
            vec![event("{}"), Call(0, register("e", &[], document))],
        );
    }
    add("eleven extensions", {
        let mut steps = vec![event("{}")];
        steps.extend((0..11).map(|number| Call(0, register(&format!("e{number}"), &[], "{}"))));
        steps
    });
    add(
        "extension identifiers",
        vec![
            event("{}"),
            Call(0, request("GET", "/2020-01-01/extension/event/next", &[], b"")),
            Call(0, get("x")),
            Call(0, get(UNKNOWN)),
            Call(0, post("init", UNKNOWN, "E")),
            Call(0, post("exit", UNKNOWN, "E")),
            Call(0, post("exit", "x", "E")),
            Call(
                0,
                request(
                    "POST",
                    "/2020-01-01/extension/exit/error",
                    &[("Lambda-Extension-Identifier", UNKNOWN)],
                    b"{}",
                ),
            ),
        ],
    );
    add(
        "an extension's event",
        vec![
            event("{\"a\":1}"),
            Call(0, register("e", &[], INVOKE)),
            Send(1, get("{extension}")),
            Call(0, next()),
            Receive(1),
            Call(0, respond(b"1")),
            Send(0, next()),
            Send(1, get("{extension}")),
            Invoked,
        ],
    );
    add("registration is closed", vec![event("{}"), Call(0, next()), Call(1, register("late", &[], INVOKE))]);
    add(
        "an extension fails",
        vec![
            event("{}"),
            Call(0, register("e", &[], INVOKE)),
            Call(0, post("init", "{extension}", "Extension.My")),
            Call(0, post("init", "{extension}", "Extension.My")),
            Call(0, get("{extension}")),
            Call(0, post("exit", "{extension}", "Extension.My")),
        ],
    );
    add(
        "an extension exits",
        vec![
            event("{}"),
            Call(0, register("e", &[], INVOKE)),
            Call(0, post("exit", "{extension}", "Extension.My")),
            Call(0, post("exit", "{extension}", "Extension.My")),
            Call(0, post("init", "{extension}", "Extension.My")),
        ],
    );
    add(
        "an extension asks twice",
        vec![
            event("{\"a\":1}"),
            Call(0, register("e", &[], INVOKE)),
            Call(0, next()),
            Call(1, get("{extension}")),
            Call(1, get("{extension}")),
            Call(1, post("init", "{extension}", "E")),
            Call(1, post("exit", "{extension}", "E")),
        ],
    );
    add(
        "an extension without events",
        vec![
            event("{\"a\":1}"),
            Call(0, register("e", &[], "{}")),
            Send(0, next()),
            Call(1, get("{extension}")),
            Receive(0),
        ],
    );
    add(
        "an extension that has not asked holds the event back",
        vec![event("{\"a\":1}"), Call(0, register("e", &[], INVOKE)), Call(0, next()), Receive(0)],
    );
    add(
        "an extension asks before the runtime",
        vec![
            event("{\"a\":1}"),
            Call(0, register("e", &[], INVOKE)),
            Send(1, get("{extension}")),
            Call(2, register("late", &[], "{}")),
            Call(0, next()),
            Receive(1),
        ],
    );
    add(
        "names of extensions",
        vec![
            event("{}"),
            Call(0, register(" ", &[], "{}")),
            Call(0, register("a/b", &[], "{}")),
            Call(0, register("\u{fc}", &[], "{}")),
            Call(0, register(&"x".repeat(300), &[], "{}")),
        ],
    );
    add(
        "features of extensions",
        vec![
            event("{}"),
            Call(0, register("a", &[("Lambda-Extension-Accept-Feature", "accountId, other")], "{}")),
            Call(0, register("b", &[("Lambda-Extension-Accept-Feature", "other")], "{}")),
        ],
    );
    add(
        "identifiers in other forms",
        vec![
            event("{}"),
            Call(0, get("{11111111-1111-4111-8111-111111111111}")),
            Call(0, get("urn:uuid:11111111-1111-4111-8111-111111111111")),
            Call(0, get("11111111111141118111111111111111")),
            Call(0, get("AAAAAAAA-AAAA-4AAA-8AAA-AAAAAAAAAAAA")),
            Call(0, get("11111111-1111-4111-8111-11111111111")),
        ],
    );
    add(
        "logs and telemetry",
        vec![
            event("{}"),
            Call(0, request("PUT", "/2020-08-15/logs", &[("Lambda-Extension-Identifier", UNKNOWN)], b"{}")),
            Call(
                0,
                request("PUT", "/2022-07-01/telemetry", &[("Lambda-Extension-Identifier", UNKNOWN)], b"{}"),
            ),
        ],
    );
    let metadata = |method: &str, authorization: &str| {
        Call(
            0,
            request(
                method,
                "/2026-01-15/metadata/execution-environment",
                &[("Authorization", authorization)],
                b"",
            ),
        )
    };
    add(
        "metadata",
        vec![
            event("{}"),
            metadata("GET", "Bearer {token}"),
            metadata("GET", "bearer {token}"),
            metadata("GET", "Bearer  {token}"),
            metadata("GET", "Bearer {token} "),
            metadata("GET", "Bearer {token}x"),
            metadata("GET", "Bearer"),
            metadata("GET", "{token}"),
            metadata("POST", "Bearer {token}"),
            metadata("HEAD", "Bearer {token}"),
            Close(0),
            metadata("OPTIONS", "Bearer {token}"),
        ],
    );
    add(
        "metadata without its token",
        vec![event("{}"), metadata("GET", "Bearer no"), metadata("GET", "token")],
    );
}
