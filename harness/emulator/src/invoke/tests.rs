//! What the service refuses, and what it passes on however odd it is.

use super::*;

fn check(event: &[u8]) -> Result<(), InvalidRequest> {
    Invoke::from(Bytes::copy_from_slice(event)).check()
}

#[test]
fn only_json_reaches_a_function() {
    for event in ["", " ", "NaN", "{", "{}{}", "\u{feff}{}", "{\"a\":1,}", "'a'", "\"\n\"", "\"\\ud80\""] {
        assert!(matches!(check(event.as_bytes()), Err(InvalidRequest::NotJson { .. })), "{event:?}");
    }
    assert!(matches!(check(b"\"\xff\""), Err(InvalidRequest::NotJson { .. })));
}

#[test]
fn unusual_json_is_json() {
    for event in
        ["null", "1e999", "\"\\ud800\"", "{\"a\":1,\"a\":2}", " [] ", "123456789012345678901234567890"]
    {
        assert_eq!(check(event.as_bytes()), Ok(()), "{event}");
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(check(deep.as_bytes()), Ok(()));
}

#[test]
fn the_limit_is_a_byte_count() {
    let event = |size: usize| format!("\"{}\"", "x".repeat(size - 2));
    assert_eq!(check(event(MAX_PAYLOAD).as_bytes()), Ok(()));
    assert_eq!(
        check(event(MAX_PAYLOAD + 1).as_bytes()),
        Err(InvalidRequest::TooLarge { size: MAX_PAYLOAD + 1 })
    );
}

#[test]
fn what_travels_in_headers_fits_there() {
    let with = |client_context: &str, tenant_id: &str| {
        Invoke {
            event: Bytes::from_static(b"{}"),
            client_context: Some(client_context.to_owned()),
            tenant_id: Some(tenant_id.to_owned()),
            ..Invoke::default()
        }
        .check()
    };
    assert_eq!(with("{\"custom\":{\"ü\":1}}", "tenant ü"), Ok(()));
    for (context, tenant) in
        [("{\"a\":\n1}", "t"), ("{", "t"), ("{}", "a\r\nb"), (&format!("\"{}\"", "x".repeat(3000)), "t")]
    {
        assert!(matches!(with(context, tenant), Err(InvalidRequest::Context { .. })), "{context} {tenant:?}");
    }
}
