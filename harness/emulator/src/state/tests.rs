//! The whole table of states and calls, read like a specification.

use std::fmt::Write as _;

use expect_test::expect;

use super::*;

#[test]
fn every_call_in_every_state() {
    let mut table = String::new();
    for state in [State::Started, State::Ready, State::Running, State::ResponseSent, State::InitError] {
        for (call, named) in [
            (Call::Next, Named::None),
            (Call::Response, Named::Current),
            (Call::Error, Named::Current),
            (Call::Response, Named::Other),
            (Call::InitError, Named::None),
        ] {
            let verdict = match judge(state, call, named) {
                Verdict::Forbidden(message) => {
                    assert!(message.starts_with("State transition from "), "{message}");
                    "403".to_owned()
                }
                other => format!("{other:?}"),
            };
            writeln!(table, "{state:?} {call:?}/{named:?}: {verdict}").unwrap();
        }
    }
    expect![[r#"
        Started Next/None: Wait
        Started Response/Current: 403
        Started Error/Current: 403
        Started Response/Other: UnknownId
        Started InitError/None: Accept(InitError)
        Ready Next/None: Wait
        Ready Response/Current: 403
        Ready Error/Current: 403
        Ready Response/Other: UnknownId
        Ready InitError/None: 403
        Running Next/None: SameEvent
        Running Response/Current: Accept(ResponseSent)
        Running Error/Current: Accept(ResponseSent)
        Running Response/Other: UnknownId
        Running InitError/None: 403
        ResponseSent Next/None: Wait
        ResponseSent Response/Current: 403
        ResponseSent Error/Current: 403
        ResponseSent Response/Other: UnknownId
        ResponseSent InitError/None: 403
        InitError Next/None: 403
        InitError Response/Current: 403
        InitError Error/Current: 403
        InitError Response/Other: UnknownId
        InitError InitError/None: 403
    "#]]
    .assert_eq(&table);
}

#[test]
fn the_message_of_a_forbidden_call_is_the_service_s_own() {
    assert_eq!(
        judge(State::Running, Call::InitError, Named::None),
        Verdict::Forbidden(
            "State transition from Running to InitError failed for runtime. \
             Error: State transition is not allowed"
                .to_owned()
        )
    );
}
