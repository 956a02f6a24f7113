//! What AWS documents of its events, checked by code that shares nothing with the renderers.
//!
//! Validators accept much that AWS never sends: a stale checksum, two copies of one value that differ, a member
//! that is always there and is missing. One file per kind of sender says what must hold; this one has the tools.

mod appsync;
mod asked;
mod authorizer;
mod brokers;
mod cloudfront;
pub(crate) mod cloudwatch_logs;
mod cognito;
mod conversation;
mod documents;
mod dynamodb;
mod elb;
mod eventbridge;
mod firehose;
mod function_url;
mod http;
mod http_api;
mod kinesis;
mod lattice;
mod nested;
mod rest_api;
mod s3;
mod s3_batch;
mod s3_object_lambda;
mod ses;
mod sns;
mod sqs;
mod websocket;

use std::net::IpAddr;

use base64::{Engine, prelude::BASE64_STANDARD};
use evfuzz_generators::source::EventSource;
use md5::{Digest, Md5};
use serde_json::{Map, Value};

pub(crate) use self::{
    dynamodb::size_of_item,
    http::{decode_form, decode_percent},
    sqs::md5_of_attributes,
};

/// AWS Lambda API, Invoke: 6 MB for a synchronous event. Nothing that evfuzz delivers is asynchronous
/// with less: records and notifications are far below 1 MB.
const MAX_EVENT_BYTES: usize = 6 * 1024 * 1024;

/// Everything in `event` that AWS would not send.
pub(crate) fn wrong(source: EventSource, event: &Value) -> Vec<String> {
    let mut facts = Facts { wrong: Vec::new() };
    match source {
        EventSource::ApiGatewayRest => rest_api::check(event, &mut facts),
        EventSource::ApiGatewayHttp => http_api::check(event, &mut facts),
        EventSource::FunctionUrl => function_url::check(event, &mut facts),
        EventSource::Alb => elb::check(event, false, &mut facts),
        EventSource::AlbMulti => elb::check(event, true, &mut facts),
        EventSource::WebSocket => websocket::check(event, &mut facts),
        EventSource::AuthorizerToken => authorizer::check_token(event, &mut facts),
        EventSource::AuthorizerRequest => authorizer::check_rest(event, &mut facts),
        EventSource::AuthorizerHttp => authorizer::check_http(event, &mut facts),
        EventSource::VpcLattice => lattice::check_v1(event, &mut facts),
        EventSource::VpcLatticeV2 => lattice::check_v2(event, &mut facts),
        EventSource::S3 => s3::check(event, &mut facts),
        EventSource::Sqs => sqs::check(event, &mut facts),
        EventSource::DynamoDbStream => dynamodb::check(event, &mut facts),
        EventSource::Sns => sns::check(event, &mut facts),
        EventSource::EventBridge => eventbridge::check(event, &mut facts),
        EventSource::Kinesis => kinesis::check(event, &mut facts),
        EventSource::Firehose => firehose::check(event, &mut facts),
        EventSource::CloudWatchLogs => cloudwatch_logs::check(event, &mut facts),
        EventSource::S3Batch => s3_batch::check(event, &mut facts),
        EventSource::S3ObjectLambda => s3_object_lambda::check(event, &mut facts),
        EventSource::Kafka => brokers::kafka(event, &mut facts),
        EventSource::ActiveMq => brokers::activemq(event, &mut facts),
        EventSource::RabbitMq => brokers::rabbitmq(event, &mut facts),
        EventSource::Cognito => cognito::check(event, &mut facts),
        EventSource::CloudFront => cloudfront::check(event, &mut facts),
        EventSource::AppSync => appsync::check(event, &mut facts),
        EventSource::Ses => ses::check(event, &mut facts),
        EventSource::Iot => documents::iot(event, &mut facts),
        EventSource::StepFunctions => documents::step_functions(event, &mut facts),
        EventSource::CloudFormation => asked::cloudformation(event, &mut facts),
        EventSource::Config => asked::config(event, &mut facts),
        EventSource::IotAuthorizer => asked::iot_authorizer(event, &mut facts),
        EventSource::Transfer => asked::transfer(event, &mut facts),
        EventSource::Lex => conversation::lex(event, &mut facts),
        EventSource::Connect => conversation::connect(event, &mut facts),
        EventSource::BedrockAgent => conversation::bedrock_agent(event, &mut facts),
        // Whatever the caller wrote.
        EventSource::Direct => {}
    }
    facts.hold(event.to_string().len() <= MAX_EVENT_BYTES, "the event is larger than 6 MB");
    facts.wrong
}

/// What does not hold.
struct Facts {
    wrong: Vec<String>,
}

impl Facts {
    fn hold(&mut self, holds: bool, otherwise: &str) {
        if !holds {
            self.wrong.push(format!("facts: {otherwise}"));
        }
    }

    fn equal(&mut self, what: &str, is: &Value, should: impl Into<Value>) {
        let should = should.into();
        self.hold(*is == should, &format!("{what} is {is:.200} and should be {should:.200}"));
    }

    /// Whether `value` is an object with exactly these members: `name:types` each, separated by blanks.
    ///
    /// Types: `s`tring, `n`umber, `b`ool, `o`bject, `a`rray, `0` for null; `?` at the end: may be absent.
    fn members(&mut self, what: &str, value: &Value, members: &str) {
        let Some(object) = value.as_object() else {
            return self.hold(false, &format!("{what} is no object"));
        };
        let mut known = Vec::new();
        for member in members.split_whitespace() {
            let (name, types) = member.rsplit_once(':').expect("`name:types`");
            known.push(name);
            match object.get(name) {
                None => self.hold(types.ends_with('?'), &format!("{what} has no {name}")),
                Some(it) => {
                    let fits = types.contains(type_of(it));
                    self.hold(fits, &format!("{name} of {what} is of another type: {it:.200}"));
                }
            }
        }
        for name in object.keys().filter(|name| !known.contains(&name.as_str())) {
            self.hold(false, &format!("{what} has a member {name}"));
        }
    }

    /// Whether the records of `event` are a list that is not empty, and nothing else is in it.
    fn records<'a>(&mut self, event: &'a Value) -> &'a [Value] {
        self.members("the event", event, "Records:a");
        let records = event["Records"].as_array().map_or(&[][..], Vec::as_slice);
        self.hold(!records.is_empty(), "there are no records");
        records
    }

    /// The same for what Lambda polls from a shard, which can be in a tumbling window. AWS Lambda developer guide, "Stateful
    /// DynamoDB stream processing" and "Stateful Kinesis Data Streams processing".
    fn windowed_records<'a>(&mut self, event: &'a Value) -> &'a [Value] {
        let names = [
            "window",
            "state",
            "shardId",
            "isFinalInvokeForWindow",
            "isWindowTerminatedEarly",
            "eventSourceARN",
        ];
        if names.iter().all(|name| event.get(name).is_none()) {
            return self.records(event);
        }
        let members = "Records:a window:o state:o shardId:s eventSourceARN:s isFinalInvokeForWindow:b \
            isWindowTerminatedEarly:b";
        self.members("the event", event, members);
        self.members("window", &event["window"], "start:s end:s");
        self.seconds(&event["window"]["start"]);
        self.seconds(&event["window"]["end"]);
        let (start, end) = (text(&event["window"]["start"]), text(&event["window"]["end"]));
        self.hold(start < end, "the window ends before it begins");
        self.hold(text(&event["shardId"]).starts_with("shardId-"), "shardId is no shard");
        self.hold(event["state"].to_string().len() <= 1 << 20, "the state is larger than 1 MB");
        let both = event["isFinalInvokeForWindow"] == true && event["isWindowTerminatedEarly"] == true;
        self.hold(!both, "a window ends, and ends early");
        let records = event["Records"].as_array().map_or(&[][..], Vec::as_slice);
        self.hold(!records.is_empty(), "there are no records");
        for record in records {
            self.equal("the stream", &event["eventSourceARN"], record["eventSourceARN"].clone());
        }
        records
    }

    /// `2026-03-04T05:06:07Z`.
    fn seconds(&mut self, value: &Value) {
        self.hold(is_time(text(value), 20), &format!("{value} is no time to the second"));
    }

    /// `2026-03-04T05:06:07.890Z`.
    fn milliseconds(&mut self, value: &Value) {
        self.hold(is_time(text(value), 24), &format!("{value} is no time to the millisecond"));
    }

    /// The session name of `role:session`. AWS STS API, AssumeRole: `[\w+=,.@-]{2,64}`.
    fn session(&mut self, what: &str, value: &Value, prefix: &str) {
        let session = value.as_str().and_then(|it| it.strip_prefix(prefix)?.split_once(':'));
        let plain = |it: char| it.is_ascii_alphanumeric() || "_+=,.@-".contains(it);
        let fits = session.is_some_and(|(role, session)| {
            !role.is_empty() && (2..=64).contains(&session.len()) && session.chars().all(plain)
        });
        self.hold(fits, &format!("{what} is no role and session name: {value}"));
    }

    fn address(&mut self, value: &Value) {
        let fits = value.as_str().is_some_and(|it| it.parse::<IpAddr>().is_ok());
        self.hold(fits, &format!("{value} is no address"));
    }
}

/// ISO 8601 in UTC, as long as that.
fn is_time(text: &str, length: usize) -> bool {
    let digits = |it: &[u8]| it.iter().all(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    bytes.len() == length
        && bytes[10] == b'T'
        && bytes[length - 1] == b'Z'
        && digits(&bytes[..4])
        && digits(&bytes[17..19])
        && (length == 20 || (bytes[19] == b'.' && digits(&bytes[20..length - 1])))
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|it| it == b'-' || it.is_ascii_hexdigit())
}

fn type_of(value: &Value) -> char {
    match value {
        Value::Null => '0',
        Value::Bool(_) => 'b',
        Value::Number(_) => 'n',
        Value::String(_) => 's',
        Value::Array(_) => 'a',
        Value::Object(_) => 'o',
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// MD5 in lower-case hex.
pub(crate) fn md5(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of `text`, if it is base64 in its one canonical form.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(text).ok()
}

/// `04/Mar/2026:05:06:07 +0000` for milliseconds of Unix time.
fn common_log_time(milliseconds: u64) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (seconds, mut days, mut year) = (milliseconds / 1_000 % 86_400, milliseconds / 86_400_000, 1970_u64);
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{:02}/{}/{year}:{hour:02}:{minute:02}:{second:02} +0000", days + 1, MONTHS[month])
}

#[test]
fn times_are_read_as_date_does() {
    // `date -u -d @1772600767`, and the two ends of a leap day.
    assert_eq!(common_log_time(1_772_600_767_890), "04/Mar/2026:05:06:07 +0000");
    assert_eq!(common_log_time(1_709_164_800_000), "29/Feb/2024:00:00:00 +0000");
    assert_eq!(common_log_time(1_709_251_199_999), "29/Feb/2024:23:59:59 +0000");
}
