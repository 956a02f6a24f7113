//! What is found of a secret, in which forms, and what is not told of it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::*;

const KEY: &str = "wJ4lrXUtnFEMI7K7MDENGbPxRfiCYzEXAMPLEq9Z";
const TOKEN: &str = "IQoJb3JpZ2luX2VjEHAaCXVzLWVhc3QtMSJHMEUCIQDx7Vb2s4c1kq";
const PASSWORD: &str = "gr\u{fc}n/\"4+ & more";

fn secrets() -> Secrets {
    let variables = [("AWS_SECRET_ACCESS_KEY", KEY), ("AWS_SESSION_TOKEN", TOKEN), ("DB_PASSWORD", PASSWORD)];
    Secrets::new(variables.into_iter())
}

/// Names and forms of what is found.
fn found(text: impl AsRef<[u8]>) -> Vec<(String, Form)> {
    let leaks = secrets().find(Output::Log, text.as_ref());
    leaks.into_iter().map(|leak| (leak.name.to_string(), leak.form)).collect()
}

#[track_caller]
fn check(text: impl AsRef<[u8]>, name: &str, form: Form) {
    assert_eq!(found(text), [(name.to_owned(), form)]);
}

#[test]
fn a_secret_is_found_in_every_form() {
    let (key, password) = ("AWS_SECRET_ACCESS_KEY", "DB_PASSWORD");
    check(format!("{{\"env\":{{\"key\":\"{KEY}\"}}}}"), key, Form::Plain);
    check(format!("cannot log in: {PASSWORD}!"), password, Form::Plain);
    let json = serde_json::json!({ "body": PASSWORD }).to_string();
    check(&json, password, Form::Escaped);
    check(serde_json::json!({ "body": json }).to_string(), password, Form::Escaped);
    // As Python's json.dumps, PHP's json_encode, encodeURIComponent and urllib.parse.quote_plus write it.
    check("\"gr\\u00fcn/\\\"4+ & more\"", password, Form::Escaped);
    check("\"gr\\u00fcn\\/\\\"4+ & more\"", password, Form::Escaped);
    check("p=gr%C3%BCn%2F%224%2B%20%26%20more&x", password, Form::Percent);
    check("p=gr%C3%BCn%2F%224%2B+%26+more&x", password, Form::Percent);
    for before in ["", "a", "ab", "abc", "{\"k\":\""] {
        for after in ["", "!", "!!", "\"}"] {
            let text = format!("{before}{KEY}{after}");
            check(STANDARD.encode(&text), key, Form::Base64);
            let text = format!("{before}{PASSWORD}{after}");
            check(URL_SAFE_NO_PAD.encode(&text), password, Form::Base64);
        }
    }
    let hexadecimal: String = KEY.bytes().map(|byte| format!("{byte:02x}")).collect();
    check(&hexadecimal, key, Form::Hexadecimal);
    check(hexadecimal.to_uppercase(), key, Form::Hexadecimal);
    check(KEY.chars().rev().collect::<String>(), key, Form::Reversed);
}

#[test]
fn parts_and_other_texts_are_no_secrets() {
    for text in ["", "{}", &KEY[..30], &TOKEN[10..], "AWS_SECRET_ACCESS_KEY=***", &KEY.to_lowercase()] {
        assert!(found(text).is_empty(), "{text}");
    }
    assert!(Secrets::new(std::iter::empty()).find(Output::Log, KEY.as_bytes()).is_empty());
}

#[test]
fn lines_of_a_key_are_found_alone() {
    let pem = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n-----END";
    let secrets = Secrets::new([("TLS_PRIVATE_KEY", pem)].into_iter());
    assert_eq!(secrets.find(Output::Log, b"  MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\r").len(), 1);
    assert_eq!(secrets.find(Output::Log, pem.replace('\n', "\\n").as_bytes()).len(), 1);
    assert!(secrets.find(Output::Log, b"-----BEGIN PRIVATE KEY-----").is_empty());
}

#[test]
fn the_token_of_a_signed_request_belongs_there() {
    let url = format!("https://b.s3.amazonaws.com/k?X-Amz-Security-Token={TOKEN}&X-Amz-Signature=01");
    assert!(found(&url).is_empty());
    assert!(
        found(serde_json::json!({ "body": serde_json::json!({ "url": url }).to_string() }).to_string())
            .is_empty()
    );
    let fields = serde_json::json!({ "x-amz-security-token": TOKEN }).to_string();
    assert!(found(&fields).is_empty());
    assert!(found(serde_json::json!({ "body": fields }).to_string()).is_empty());
    // The policy of a presigned POST, wherever its groups of base64 begin.
    for filler in ["", "a", "ab"] {
        let policy =
            serde_json::json!({ "filler": filler, "conditions": [{ "x-amz-security-token": TOKEN }] });
        assert!(found(STANDARD.encode(policy.to_string())).is_empty(), "{filler}");
        let pair = format!("{filler}[\"eq\", \"$x-amz-security-token\", \"{TOKEN}\"]");
        assert!(found(STANDARD.encode(pair)).is_empty(), "{filler}");
    }
    // The same token elsewhere in the same text is a leak.
    check(format!("{url}\nAWS_SESSION_TOKEN={TOKEN}"), "AWS_SESSION_TOKEN", Form::Plain);
    check(STANDARD.encode(format!("x-amz-security-token and {TOKEN}")), "AWS_SESSION_TOKEN", Form::Base64);
}

#[test]
fn a_report_shows_no_value() {
    let text = format!("DB_PASSWORD={PASSWORD} AWS_SECRET_ACCESS_KEY={KEY} token={TOKEN} end");
    let leaks = secrets().find(Output::Log, text.as_bytes());
    assert_eq!(leaks.len(), 3);
    for leak in &leaks {
        assert!(leak.excerpt.contains(&format!("[{}]", leak.name)), "{}", leak.excerpt);
        for value in [KEY, TOKEN, PASSWORD] {
            for part in [&value[value.len() - 8..], &value[..4]] {
                assert!(!leak.excerpt.contains(part), "{}", leak.excerpt);
            }
        }
    }
}

#[test]
fn what_the_event_holds_is_no_secret() {
    let secrets = secrets();
    let mut leaks = secrets.find(Output::Response, format!("{KEY} {TOKEN}").as_bytes());
    let event = serde_json::json!({ "body": STANDARD.encode(format!("key={KEY}")) }).to_string();
    secrets.retain_untold(&mut leaks, || event.into_bytes());
    assert_eq!(leaks.iter().map(|leak| &*leak.name).collect::<Vec<_>>(), ["AWS_SESSION_TOKEN"]);
}
