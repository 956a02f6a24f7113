//! The Rust judge: a type of `aws_lambda_events`, read strictly.
//!
//! With `catch-all-fields` every struct has a map `other` for members that it does not know. A valid event
//! leaves all of them empty. They are found in the `Debug` text, the only view of a value that names the fields
//! of every struct at every depth. It is read line by line: in its long form every field is on a line of its own,
//! and no text has a line break in it, whatever else a type does not escape.

use std::fmt::Debug;

use serde::de::DeserializeOwned;

/// Reads an event; says all that is wrong with it.
pub(crate) type Judge = fn(&str) -> Vec<String>;

/// Whether `T` can be read from `event` and knows all that is in it.
pub(crate) fn strict<T: DeserializeOwned + Debug>(event: &str) -> Vec<String> {
    match serde_json::from_str::<T>(event) {
        Ok(value) => leftovers(&format!("{value:#?}")),
        Err(error) => {
            let text = error.to_string();
            vec![text.split(" at line ").next().unwrap_or_default().to_owned()]
        }
    }
}

/// Every member of an `other` in a long `Debug` text, with the struct that has it.
fn leftovers(debug: &str) -> Vec<String> {
    let mut found = Vec::new();
    // The structs and maps that are open: how far they are indented, and what is before their brace.
    let mut open: Vec<(usize, &str)> = Vec::new();
    for line in debug.lines() {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        while open.last().is_some_and(|(it, _)| *it >= indent) {
            open.pop();
        }
        if let [.., (_, owner), (outer, "other:")] = open.as_slice()
            && indent == outer + 4
            && text.starts_with('"')
        {
            let name = text.split("\": ").next().unwrap_or_default();
            let owner = owner.rsplit(' ').next().unwrap_or_default();
            found.push(format!("{owner} does not know {name}\""));
        }
        if let Some(before) = text.strip_suffix(" {") {
            open.push((indent, before));
        }
    }
    found
}

#[test]
fn leftovers_are_found_at_every_depth_and_not_in_strings() {
    use aws_lambda_events::event::{apigw::ApiGatewayProxyRequest, sqs::SqsEvent};
    let known = r#"{ "Records": [{ "body": "other: {\"a\": 1}\\", "attributes": { "other: {": "x" } }] }"#;
    assert_eq!(strict::<SqsEvent>(known), Vec::<String>::new());
    let unknown = r#"{ "Records": [{ "Body": "x" }] }"#;
    assert_eq!(strict::<SqsEvent>(unknown), [r#"SqsMessage does not know "Body""#]);
    let outer =
        r#"{ "Records": [{}, { "messageAttributes": { "a": { "dataType": "String", "x": {} } } }], "y": 1 }"#;
    assert_eq!(
        strict::<SqsEvent>(outer),
        [r#"SqsMessageAttribute does not know "x""#, r#"SqsEvent does not know "y""#]
    );
    let deep = r#"{ "httpMethod": "GET", "requestContext": { "httpMethod": "GET", "identity": { "sourceIP": null } }, "headers": { "a": "\"other: {\"" } }"#;
    let found = strict::<ApiGatewayProxyRequest>(deep);
    assert_eq!(found, [r#"ApiGatewayRequestIdentity does not know "sourceIP""#]);
    // `http` does not escape a backslash in a value.
    let unescaped = r#"{ "httpMethod": "GET", "headers": { "a": "\\" }, "requestContext": { "httpMethod": "GET", "x": {} } }"#;
    assert_eq!(
        strict::<ApiGatewayProxyRequest>(unescaped),
        [r#"ApiGatewayProxyRequestContext does not know "x""#]
    );
    assert_eq!(strict::<SqsEvent>(r#"{ "Records": [{ "body": 1 }] }"#).len(), 1);
}
