//! The whole table of states and calls, read like a specification.

use std::fmt::Write as _;

use expect_test::expect;

use super::*;

const RESPONSE: Call = Call::Answer(Verb::Response, Named::Current);

#[test]
fn every_call_in_every_state() {
    let mut table = String::new();
    for state in [
        State::Started,
        State::InitError,
        State::Restoring,
        State::RestoreError,
        State::Ready,
        State::Running,
        State::Responding(Verb::Response),
        State::ResponseSent,
    ] {
        write!(table, "{state:?}:").unwrap();
        for (name, call) in [
            ("next", Call::Next),
            ("response", RESPONSE),
            ("error", Call::Answer(Verb::Error, Named::Current)),
            ("other id", Call::Answer(Verb::Response, Named::Other)),
            ("other nonce", Call::Answer(Verb::Response, Named::OtherNonce)),
            ("init error", Call::InitError),
            ("restore", Call::RestoreNext),
            ("restore error", Call::RestoreError),
        ] {
            let verdict = match judge(state, call) {
                Verdict::Forbidden(message) => {
                    assert!(message.starts_with("State transition from "), "{message}");
                    "403".to_owned()
                }
                Verdict::UnknownId => "400".to_owned(),
                Verdict::Gone => "410".to_owned(),
                Verdict::Accept(next) => format!("-> {next:?}"),
                other => format!("{other:?}"),
            };
            write!(table, " {name} {verdict},").unwrap();
        }
        table.push('\n');
    }
    expect![[r#"
        Started: next Wait, response 403, error 403, other id 400, other nonce 410, init error -> InitError, restore -> Restoring, restore error 403,
        InitError: next 403, response 403, error 403, other id 400, other nonce 410, init error 403, restore 403, restore error 403,
        Restoring: next Wait, response 403, error 403, other id 400, other nonce 410, init error -> RestoreError, restore 403, restore error -> RestoreError,
        RestoreError: next 403, response 403, error 403, other id 400, other nonce 410, init error 403, restore 403, restore error 403,
        Ready: next Wait, response 403, error 403, other id 400, other nonce 410, init error 403, restore 403, restore error 403,
        Running: next SameEvent, response -> Responding(Response), error -> Responding(Error), other id 400, other nonce 410, init error 403, restore 403, restore error 403,
        Responding(Response): next 403, response 403, error 403, other id 400, other nonce 410, init error 403, restore 403, restore error 403,
        ResponseSent: next Wait, response 403, error 403, other id 400, other nonce 410, init error 403, restore 403, restore error 403,
    "#]]
    .assert_eq(&table);
}

#[test]
fn the_message_of_a_forbidden_call_is_the_service_s_own() {
    let message = |state, call| match judge(state, call) {
        Verdict::Forbidden(message) => message,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        message(State::Running, Call::InitError),
        "State transition from Running to InitError failed for runtime. \
         Error: State transition is not allowed"
    );
    assert_eq!(
        message(State::ResponseSent, RESPONSE),
        "State transition from RuntimeResponseSentState to InvocationResponse failed for runtime. \
         Error: State transition is not allowed"
    );
}
