//! Random calls: mostly what official clients do in this place, sometimes anything else that is well-formed.

use crate::call::{
    Body, CAUSES, Call, DOCUMENTS, ERROR_TYPES, Failure, Framing, Keep, Late, Registration, Verb, What,
};
use crate::model::{LIMIT, Model, Phase};
use crate::rng::Rng;

/// How large things become.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// One body in so many exceeds the limit of the service or nearly does.
    pub(crate) huge: usize,
}

/// What the caller remembers of earlier invocations.
pub(crate) struct Past<'p> {
    pub(crate) ids: &'p [String],
    pub(crate) nonces: &'p [String],
}

const WRONG_METHODS: &[(&str, &str, &str)] = &[
    ("POST", "/2018-06-01/runtime/invocation/next", "GET"),
    ("DELETE", "/2018-06-01/ping", "GET"),
    ("GET", "/2018-06-01/runtime/invocation/x/response", "POST"),
    ("PUT", "/2018-06-01/runtime/init/error", "POST"),
    ("OPTIONS", "/2020-01-01/extension/register", "POST"),
    ("POST", "/2020-01-01/extension/event/next", "GET"),
    ("GET", "/2020-08-15/logs", "PUT"),
    ("MADE-UP", "/2022-07-01/telemetry", "PUT"),
    // The one path that names no allowed method.
    ("POST", "/2026-01-15/metadata/execution-environment", ""),
    ("HEAD", "/2018-06-01/ping", "GET"),
];

const UNKNOWN: &[(&str, &str)] = &[
    ("GET", "/"),
    ("GET", "/2018-06-01"),
    ("GET", "/2018-06-01/"),
    ("GET", "//2018-06-01/ping"),
    ("GET", "/2018-06-01/ping/"),
    ("GET", "/2018-06-01/%70ing"),
    ("POST", "/2018-06-01/runtime/invocation/x"),
    ("POST", "/2018-06-01/runtime/invocation/x/y/response"),
    ("POST", "/2018-06-01/runtime/invocation/x/RESPONSE"),
    ("GET", "/2021-04-23/credentials"),
    ("PUT", "/2022-07-01/telemetry/x"),
    ("OPTIONS", "*"),
    ("HEAD", "/nowhere"),
];

const NO_ID: &str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";

/// A call that makes sense for a runtime in this state, or any other.
pub(crate) fn call(rng: &mut Rng, model: &Model, past: &Past<'_>, sizes: Sizes) -> Call {
    let what = what(rng, model, past);
    finish(rng, what, sizes)
}

fn what(rng: &mut Rng, model: &Model, past: &Past<'_>) -> What {
    if !rng.one_in(3) {
        match model.phase {
            Phase::Started if model.snap_start && rng.one_in(3) => return What::RestoreNext,
            Phase::Started if rng.one_in(3) => return register(rng),
            Phase::Running => return post(rng, model, past, true),
            Phase::Started | Phase::Restoring | Phase::Answered => return What::Next,
            Phase::Waiting | Phase::InitFailed | Phase::RestoreFailed | Phase::Stuck => {}
        }
    }
    match rng.below(30) {
        0..3 => What::Next,
        3..12 => post(rng, model, past, false),
        12 if rng.one_in(10) || model.phase != Phase::Started => What::InitError,
        13 => What::RestoreNext,
        14 if rng.one_in(10) || model.phase != Phase::Restoring => What::RestoreError,
        15..17 => register(rng),
        17..20 => What::ExtensionNext { id: extension(rng, model) },
        20..22 => What::ExtensionFailed {
            failure: *rng.pick(&[Failure::Init, Failure::Exit]),
            id: extension(rng, model),
            error_type: *rng.pick(&[Some("Extension.Boom"), Some("x"), Some(""), None]),
        },
        22 => What::Logs,
        23 => What::Telemetry,
        24 => What::Metadata {
            token: *rng.pick(&[Some("Bearer token"), Some("Bearer x"), Some("token"), Some(""), None]),
        },
        25 => {
            let &(method, path, allowed) = rng.pick(WRONG_METHODS);
            What::WrongMethod { method, path, allowed }
        }
        26 => {
            let &(method, path) = rng.pick(UNKNOWN);
            What::Unknown { method, path }
        }
        _ => What::Ping,
    }
}

fn register(rng: &mut Rng) -> What {
    let name = if rng.one_in(20) { String::new() } else { format!("e{}", rng.below(14)) };
    let events = match rng.below(10) {
        0 => Registration::Shutdown,
        1 => Registration::Other,
        2 => Registration::Keys,
        3 => Registration::NoJson,
        4 | 5 => Registration::Nothing,
        _ => Registration::Invoke,
    };
    What::Register { name, account: rng.one_in(2), events }
}

fn extension(rng: &mut Rng, model: &Model) -> Option<String> {
    let known: Vec<&str> = model.extensions.ids().collect();
    if !known.is_empty() && !rng.one_in(5) {
        let id = *rng.pick(&known);
        return Some(if rng.one_in(10) { id.to_uppercase() } else { id.to_owned() });
    }
    rng.pick(&[Some(NO_ID), Some("8476a536e9f411e897392dfe598c3fcd"), Some("é"), Some(""), None])
        .map(str::to_owned)
}

fn post(rng: &mut Rng, model: &Model, past: &Past<'_>, likely: bool) -> What {
    let verb = if rng.one_in(4) { Verb::Error } else { Verb::Response };
    let mode = match rng.below(400) {
        0..60 => Some("streaming"),
        60..70 => Some(""),
        70 => Some("Streaming"),
        71 => Some("garbage"),
        _ => None,
    };
    let current = model.current.as_ref().filter(|_| likely || rng.one_in(2));
    let id = match current {
        Some(current) if !rng.one_in(20) => current.id.clone(),
        _ => id(rng, model, past),
    };
    let nonce = match current.and_then(|it| it.nonce.get()) {
        _ if rng.one_in(3) => None,
        Some(nonce) if !rng.one_in(20) => Some(nonce.clone()),
        _ if past.nonces.is_empty() || rng.one_in(3) => Some(rng.pick(&["", "x", NO_ID]).to_string()),
        _ => Some(rng.pick(past.nonces).clone()),
    };
    What::Post { verb, id, nonce, mode }
}

/// An id that is not the current one, as a rule.
fn id(rng: &mut Rng, model: &Model, past: &Past<'_>) -> String {
    let current = model.current.as_ref().map_or(NO_ID, |it| &it.id);
    match rng.below(9) {
        0 => String::new(),
        1 => format!("%{:02X}{}", current.as_bytes()[0], &current[1..]),
        2 => current.to_uppercase(),
        3 => format!("{current}x"),
        4 => "x".repeat(5_000),
        5 => "..".to_owned(),
        6 => "next".to_owned(),
        _ if past.ids.is_empty() => NO_ID.to_owned(),
        _ => rng.pick(past.ids).clone(),
    }
}

fn finish(rng: &mut Rng, what: What, sizes: Sizes) -> Call {
    let mut body = Body::default();
    match &what {
        What::Post { verb: Verb::Response, .. } => response_body(rng, &mut body, sizes),
        What::Post { verb: Verb::Error, .. } | What::InitError | What::RestoreError => {
            let index = rng.below(DOCUMENTS.len());
            body.document = Some(index);
            body.bytes = DOCUMENTS[index].posted.as_bytes().to_vec();
            body.content_type = DOCUMENTS[index].content_type;
            body.error_type = (!rng.one_in(4)).then(|| rng.below(ERROR_TYPES.len()));
            if rng.one_in(sizes.huge) {
                body.long_cause = 1 << 20;
            } else {
                body.cause = rng.one_in(4).then(|| rng.below(CAUSES.len()));
            }
        }
        What::Register { events, .. } => body.bytes = events.body().as_bytes().to_vec(),
        What::Logs | What::Telemetry | What::ExtensionFailed { .. } | What::WrongMethod { .. } => {
            body.bytes = b"{}"[..rng.below(3)].to_vec();
        }
        What::Next
        | What::Ping
        | What::RestoreNext
        | What::ExtensionNext { .. }
        | What::Metadata { .. }
        | What::Unknown { .. } => {}
    }
    let keep = match rng.below(200) {
        0 => Keep::Close,
        1 => Keep::Old,
        _ => Keep::Alive,
    };
    let framing = match what {
        _ if body.bytes.is_empty() && rng.one_in(2) => Framing::Absent,
        What::Post { .. } | What::InitError | What::RestoreError | What::Register { .. }
            if keep != Keep::Old && rng.one_in(3) =>
        {
            Framing::Chunked
        }
        _ => Framing::Length,
    };
    if framing == Framing::Chunked && matches!(what, What::Post { verb: Verb::Response, .. }) && rng.one_in(3)
    {
        let document = *rng.pick(&["{\"errorType\":\"Late\"}", "{}", "no json", ""]);
        body.late = Some(Late { error_type: rng.below(ERROR_TYPES.len()), document });
    }
    let expects = framing != Framing::Absent && keep != Keep::Old && rng.one_in(20);
    Call { what, body, framing, keep, expects }
}

fn response_body(rng: &mut Rng, body: &mut Body, sizes: Sizes) {
    let size = match rng.below(20) {
        _ if rng.one_in(sizes.huge) => LIMIT - 2 + rng.below(5),
        0 => 0,
        1 | 2 => rng.below(20_000),
        3..8 => rng.below(1_000),
        _ => rng.below(40),
    };
    body.bytes = vec![b'a' + (rng.byte() % 26); size];
    body.content_type = *rng.pick(&[Some("application/json"), Some("text/plain"), None]);
}
