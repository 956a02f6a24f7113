//! What travels with an event, and events that are no proper ones.

use super::Add;
use crate::requests::{event, next};
use crate::walk::Event;
use crate::walk::Step::{Call, Deliver, Invoked, Receive, Send};

pub(super) fn add(add: Add<'_>) {
    let with = |change: &dyn Fn(&mut Event)| {
        let mut event = Event { body: b"{}".to_vec(), ..Event::default() };
        change(&mut event);
        vec![Deliver(event), Call(0, next())]
    };
    add("client context", with(&|event| event.client_context = Some("{\"custom\":{\"k\":\"v\"}}".into())));
    add("client context, not ASCII", with(&|event| event.client_context = Some("{\"k\":\"ü\"}".into())));
    for (name, text) in
        [("no JSON", "oops"), ("nothing", ""), ("with a line break", "{\n}"), ("with DEL", "\"\u{7f}\"")]
    {
        let event = Event { body: b"{}".to_vec(), client_context: Some(text.into()), ..Event::default() };
        add(&format!("client context: {name}"), vec![Deliver(event), Send(0, next()), Invoked, Receive(0)]);
    }
    add(
        "Cognito identity",
        with(&|event| {
            event.cognito_identity =
                Some("{\"cognitoIdentityId\":\"i\",\"cognitoIdentityPoolId\":\"p\"}".into());
        }),
    );
    add("tenant, not ASCII", with(&|event| event.tenant_id = Some("\u{fc}".into())));
    add("tenant of no bytes", with(&|event| event.tenant_id = Some(String::new())));
    add("trace that is none", with(&|event| event.trace_id = Some("oops".into())));
    add("tenant", with(&|event| event.tenant_id = Some("tenant-1".into())));
    add(
        "trace",
        with(&|event| event.trace_id = Some("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1".into())),
    );
    add("events that are no JSON", vec![event("{oops"), Send(0, next()), Invoked, Receive(0)]);
    add("an event of no bytes", vec![event(""), Send(0, next()), Invoked, Receive(0)]);
}
