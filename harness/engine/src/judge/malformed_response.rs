//! An answer that the service in front of the function cannot turn into an HTTP response.
//!
//! Proof: the answer itself, held against what AWS documents. Nobody knows from outside whether a function is meant to answer
//! in this form (an integration can also map any JSON): so it counts only for sources of which a valid event is answered in
//! it, which whoever asks for confirmation knows from the baseline ([`is_in_form`]). Where the documentation says less than
//! what is known to work (numbers as texts, unset members), what works is taken.

use std::collections::BTreeMap;

use evfuzz_emulator::{Answer, Outcome, ResponseMode};
use evfuzz_generators::case::TestCase;
use evfuzz_generators::source::EventSource;
use serde_json::value::RawValue;

use super::{Sighting, Standing};
use crate::finding::{Evidence, OracleId};
use crate::observe::Observation;

pub(super) const EXPLANATION: &str = "\
malformed-response: an event is answered in a form that cannot become an HTTP response (CWE-573).

API Gateway and load balancers answer 502 then, whatever the function wanted to say: the sender
does not learn what is wrong, and the function believes that it has answered.

How it is proven: the answer, held against what AWS documents for the event source. REST APIs and
load balancers need an object with a statusCode; headers must be an object of texts,
multiValueHeaders one of lists, body a text; isBase64Encoded goes with base64. HTTP APIs and
function URLs take any JSON, so only a statusCode that is no number, or a body that is not the
base64 it is said to be, counts. It happens again in a fresh process, and a valid event in its place
is answered well.

What is not reported: functions that answer no valid event in that form, because they are meant for
another integration; HTTP API answers without a statusCode; status codes and header values of
another type that are taken nevertheless (\"200\").

Example: return { statusCode: 404, body: { message: 'no such order' } }: the body is an object. Or a
branch that forgets to return: the answer is null.

How to fix it: make every answer in one function that sets the statusCode and calls JSON.stringify
or json.dumps on the body; give the router a default.";

/// Who turns the answer into an HTTP response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Front {
    /// AWS "Output format of a Lambda function for proxy integration" of REST APIs: an object with statusCode, headers,
    /// multiValueHeaders, body and isBase64Encoded, all but the first optional; 502 otherwise.
    RestApi,
    /// AWS "Lambda function response for format 2.0" of HTTP APIs, and "Response payload format" of function URLs: without a
    /// statusCode the answer itself is the body.
    HttpApi,
    /// AWS "Respond to the load balancer" of Lambda targets: as for REST APIs. At most 1 MB ("Limits" there).
    LoadBalancer,
}

fn front(source: EventSource) -> Option<Front> {
    match source {
        EventSource::ApiGatewayRest => Some(Front::RestApi),
        EventSource::ApiGatewayHttp | EventSource::FunctionUrl => Some(Front::HttpApi),
        EventSource::Alb | EventSource::AlbMulti => Some(Front::LoadBalancer),
        _ => None,
    }
}

pub(super) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    let (Some(front), Some(Outcome::Response(answer))) = (front(case.seed.source), &observation.outcome)
    else {
        return Vec::new();
    };
    let Some(defect) = defect(front, answer) else { return Vec::new() };
    let start: String = String::from_utf8_lossy(&answer.body).chars().take(200).collect();
    vec![Sighting {
        oracle: OracleId::MalformedResponse,
        identity: vec![defect.clone()],
        title: format!("an event is answered with what cannot become an HTTP response: {defect}"),
        point: None,
        nonce: None,
        place: None,
        evidence: vec![
            Evidence::new("answer", start),
            Evidence::new("refused by", case.seed.source.title()),
            Evidence::new("because", defect),
        ],
        standing: Standing::Candidate,
    }]
}

/// Whether the function answers here as whoever stands between it and the sender of `source` wants it. `true` says: it
/// is meant for such an integration.
pub(crate) fn is_in_form(source: EventSource, observation: &Observation) -> bool {
    let (Some(front), Some(Outcome::Response(answer))) = (front(source), &observation.outcome) else {
        return false;
    };
    let has_status = members(&answer.body).is_some_and(|it| it.contains_key("statusCode"));
    answer.mode == ResponseMode::Buffered && has_status && defect(front, answer).is_none()
}

type Members<'a> = BTreeMap<String, &'a RawValue>;

/// The members of a JSON object, unread.
fn members(text: &[u8]) -> Option<Members<'_>> {
    serde_json::from_slice(text).ok()
}

/// What is wrong with `answer`, in words that do not vary with the data.
fn defect(front: Front, answer: &Answer) -> Option<String> {
    /// AWS counts in powers of two elsewhere (6 MB are 6,291,456 bytes): the larger one is surely too much.
    const MOST_OF_LOAD_BALANCER: usize = 1 << 20;
    // What is streamed has a form of its own.
    if answer.mode == ResponseMode::Streaming {
        return None;
    }
    if front == Front::LoadBalancer && answer.size > MOST_OF_LOAD_BALANCER {
        return Some("it has more than 1 MB".to_owned());
    }
    let Some(members) = members(&answer.body) else {
        let json: Option<&RawValue> = serde_json::from_slice(&answer.body).ok();
        return match (front, json) {
            (Front::HttpApi, _) => None,
            (_, Some(value)) => Some(format!("it is {}, not an object", kind(value).name())),
            (_, None) => Some("it is not JSON".to_owned()),
        };
    };
    let set = |name: &str| members.get(name).copied().filter(|value| kind(value) != Kind::Null);
    match set("statusCode") {
        None if front == Front::HttpApi => return None,
        None => return Some("it has no statusCode".to_owned()),
        Some(status) if !is_status(status) => return Some("statusCode is no status code".to_owned()),
        Some(_) => {}
    }
    let body = set("body");
    let is_base64 = set("isBase64Encoded").is_some_and(|it| it.get() == "true");
    if let (true, Some(body)) = (is_base64, body)
        && serde_json::from_str::<String>(body.get()).is_ok_and(|text| !may_be_base64(&text))
    {
        return Some("body is not base64 although isBase64Encoded is true".to_owned());
    }
    // HTTP APIs and function URLs are said to take bodies of any type by now (dherault/serverless-offline#1621).
    if front == Front::HttpApi {
        return None;
    }
    if let Some(body) = body.map(kind).filter(|it| it.is_compound()) {
        return Some(format!("body is {}, not a text", body.name()));
    }
    if let Some(encoded) = set("isBase64Encoded").map(kind).filter(|it| it.is_compound()) {
        return Some(format!("isBase64Encoded is {}", encoded.name()));
    }
    headers("headers", set("headers"), false)
        .or_else(|| headers("multiValueHeaders", set("multiValueHeaders"), true))
}

/// What is wrong with a member that holds headers.
fn headers(name: &str, value: Option<&RawValue>, lists: bool) -> Option<String> {
    let value = value?;
    let Some(headers) = members(value.get().as_bytes()) else {
        return Some(format!("{name} is {}, not an object", kind(value).name()));
    };
    headers.values().find_map(|value| match (lists, kind(value)) {
        (_, Kind::Null) => None,
        (false, kind) => {
            kind.is_compound().then(|| format!("a value in {name} is {}, not a text", kind.name()))
        }
        (true, Kind::List) => None,
        (true, kind) => Some(format!("a value in {name} is {}, not a list", kind.name())),
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Null,
    Truth,
    Number,
    Text,
    List,
    Object,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Null => "null",
            Kind::Truth => "true or false",
            Kind::Number => "a number",
            Kind::Text => "a text",
            Kind::List => "a list",
            Kind::Object => "an object",
        }
    }

    /// Scalars are read as text where one is wanted.
    fn is_compound(self) -> bool {
        matches!(self, Kind::List | Kind::Object)
    }
}

fn kind(value: &RawValue) -> Kind {
    match value.get().as_bytes().first() {
        Some(b'{') => Kind::Object,
        Some(b'[') => Kind::List,
        Some(b'"') => Kind::Text,
        Some(b't' | b'f') => Kind::Truth,
        Some(b'n') => Kind::Null,
        _ => Kind::Number,
    }
}

/// Whether it is a whole number of three digits, be it written as a text or with a fraction of zero. RFC 9110, section 15.
fn is_status(value: &RawValue) -> bool {
    let number = value.get().trim_matches('"').trim().parse::<f64>();
    number.is_ok_and(|it| it.fract() == 0.0 && (100.0..1000.0).contains(&it))
}

/// Whether some decoder may take it: the characters of both alphabets, padding, line breaks.
fn may_be_base64(text: &str) -> bool {
    text.bytes().all(|it| it.is_ascii_alphanumeric() || b"+/-_=\r\n".contains(&it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(front: Front, answer: &str, expected: Option<&str>) {
        let answer = Answer::whole(bytes::Bytes::copy_from_slice(answer.as_bytes()));
        assert_eq!(defect(front, &answer).as_deref(), expected);
    }

    #[test]
    fn answers_that_every_front_takes() {
        for front in [Front::RestApi, Front::HttpApi, Front::LoadBalancer] {
            for answer in [
                r#"{"statusCode":200}"#,
                r#"{"statusCode":"404","body":"{\"a\":1}","headers":null}"#,
                r#"{"statusCode":200.0,"body":null,"isBase64Encoded":false,"headers":{"a":1,"b":true,"c":null}}"#,
                r#"{"statusCode":200,"body":"aGk=","isBase64Encoded":true,"multiValueHeaders":{"a":["b","c"]}}"#,
                r#"{"statusCode":200,"body":"plain {text}","isBase64Encoded":false}"#,
                r#"{"statusCode":500,"body":7,"cookies":["a=b"],"extra":{}}"#,
            ] {
                check(front, answer, None);
            }
            check(front, r#"{"statusCode":"ok"}"#, Some("statusCode is no status code"));
            check(front, r#"{"statusCode":{}}"#, Some("statusCode is no status code"));
            check(front, r#"{"statusCode":20}"#, Some("statusCode is no status code"));
            let not_base64 = Some("body is not base64 although isBase64Encoded is true");
            check(front, r#"{"statusCode":200,"body":"{\"a\":1}","isBase64Encoded":true}"#, not_base64);
        }
    }

    #[test]
    fn answers_that_need_an_http_api() {
        for (answer, defect) in [
            ("null", "it is null, not an object"),
            ("[1]", "it is a list, not an object"),
            ("\"done\"", "it is a text, not an object"),
            ("<html>", "it is not JSON"),
            ("{}", "it has no statusCode"),
            (r#"{"message":"done"}"#, "it has no statusCode"),
            (r#"{"statusCode":null}"#, "it has no statusCode"),
            (r#"{"statusCode":200,"body":{"a":1}}"#, "body is an object, not a text"),
            (r#"{"statusCode":200,"body":[1]}"#, "body is a list, not a text"),
        ] {
            check(Front::HttpApi, answer, None);
            check(Front::RestApi, answer, Some(defect));
            check(Front::LoadBalancer, answer, Some(defect));
        }
    }

    #[test]
    fn headers_are_texts_or_lists_of_texts() {
        for (answer, defect) in [
            (r#"{"statusCode":200,"headers":["a"]}"#, "headers is a list, not an object"),
            (r#"{"statusCode":200,"headers":{"a":["b"]}}"#, "a value in headers is a list, not a text"),
            (
                r#"{"statusCode":200,"headers":{"a":"b","c":{}}}"#,
                "a value in headers is an object, not a text",
            ),
            (
                r#"{"statusCode":200,"multiValueHeaders":{"a":"b"}}"#,
                "a value in multiValueHeaders is a text, not a list",
            ),
        ] {
            check(Front::RestApi, answer, Some(defect));
        }
    }

    #[test]
    fn a_load_balancer_takes_one_megabyte() {
        let long = format!(r#"{{"statusCode":200,"body":"{}"}}"#, "a".repeat(1 << 20));
        check(Front::LoadBalancer, &long, Some("it has more than 1 MB"));
        check(Front::RestApi, &long, None);
    }
}
