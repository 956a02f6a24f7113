//! Events exactly as AWS would deliver them, mutated exactly where a sender can.
//!
//! A Lambda function gets JSON that AWS has made of what somebody sent: an HTTP request, an object key, a message. This crate
//! makes such events, knows which texts in them a sender controls, plants harmless payloads there, and says how the event
//! would be sent. It is what `evfuzz` is built on, and stands alone.
//!
//! # In property tests
//!
//! ```
//! use evfuzz_generators::s3;
//! use proptest::prelude::*;
//!
//! fn handler(event: &serde_json::Value) -> Option<String> {
//!     let key = event["Records"][0]["s3"]["object"]["key"].as_str()?;
//!     // Keys come encoded as in a form.
//!     let (key, _) = form_urlencoded::parse(key.as_bytes()).next()?;
//!     Some(key.into_owned())
//! }
//!
//! proptest! {
//!     # #![proptest_config(ProptestConfig::with_cases(16))]
//!     // #[test]
//!     fn handler_never_panics(event in s3()) {
//!         handler(event.value());
//!     }
//! }
//! # handler_never_panics();
//! ```
//!
//! [`api_gateway_rest`], [`api_gateway_http`], [`sqs`], [`s3`], [`dynamodb`] and the others are [`Strategy`]s of [`Event`]s:
//! see [`events`](mod@events) for payload classes, events of your own, words and values, and how failures shrink.
//!
//! # By hand
//!
//! A *seed* is a valid event, a *point* a text in it that a sender controls, a *test case* a seed and edits.
//!
//! ```
//! use evfuzz_generators::{
//!     case::TestCase, deliver, edit::Frame, nonce::NonceSource, payload::{Payload, PayloadClass}, seeds::seed_from_event,
//! };
//!
//! let event = serde_json::json!({ "Records": [{ "eventSource": "aws:sqs", "body": "{\"file\":\"a.txt\"}" }] });
//! let case = TestCase::new(seed_from_event("mine", &event));
//!
//! let points = case.points();
//! let file = points.iter().find(|point| point.path() == "/Records/0/body»json»/file").unwrap();
//!
//! let payload = Payload::canonical(PayloadClass::ShellCommand);
//! let mut nonces = NonceSource::new(7);
//! let planted = case.plant(&file.locator, payload, Frame::none(), nonces.take()).unwrap();
//!
//! let rendered = planted.render();
//! println!("{}", rendered.event);
//! println!("{}", deliver::command(&planted));
//! assert!(rendered.event["Records"][0]["body"].as_str().unwrap().contains(rendered.planted[0].nonce.as_str()));
//! ```
//!
//! # From bytes
//!
//! [`FromBytes`](mutate::FromBytes) turns the bytes of a coverage-guided fuzzer into test cases. With `cargo fuzz`, of a
//! function in Rust:
//!
//! ```
//! # mod libfuzzer_sys {
//! #     macro_rules! fuzz_target { (|$bytes:ident: &[u8]| $body:block) => { fn target($bytes: &[u8]) $body } }
//! #     pub(crate) use fuzz_target;
//! # }
//! # mod my_function { pub fn handler(event: serde_json::Value) { assert!(event.is_object()) } }
//! use evfuzz_generators::{mutate::FromBytes, source::EventSource};
//!
//! thread_local!(static CASES: FromBytes = FromBytes::of(EventSource::Sqs));
//!
//! libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
//!     let event = CASES.with(|cases| cases.case(bytes)).render().event;
//!     my_function::handler(event);
//! });
//! # fn main() { target(b"any bytes") }
//! ```
//!
//! `examples/fuzz_target.rs` is the same for AFL++, or for a file with bytes that a fuzzer has found. [`TestCase`] also
//! implements [`Arbitrary`](arbitrary::Arbitrary), for structures of your own that hold one.
//!
//! # What holds
//!
//! Everything here is a pure function of its arguments: no tokio, files, clock, environment or global randomness. So a test
//! case can be rebuilt from the numbers printed in a finding. Checksums, sizes and decoded copies in an event agree with what
//! was planted, and nothing is planted that AWS would refuse or change on the way.
//!
//! [`Strategy`]: proptest::strategy::Strategy
//! [`TestCase`]: case::TestCase

pub mod breakout;
pub mod case;
pub mod codec;
pub mod cover;
pub mod deliver;
pub mod dictionary;
pub mod edit;
pub mod events;
pub mod forge;
pub mod grade;
pub mod lexicon;
pub mod mutate;
pub mod nonce;
pub mod payload;
pub mod point;
pub mod pool;
pub mod raw;
pub mod reduce;
pub mod seeds;
pub mod shown;
pub mod source;
pub mod stretch;
pub mod tree;
pub mod values;
pub mod wire;

pub use events::{
    Event, Events, activemq, alb, alb_multi, api_gateway_http, api_gateway_rest, appsync, authorizer_http,
    authorizer_request, authorizer_token, aws_config, bedrock_agent, cloudformation, cloudfront,
    cloudwatch_logs, cognito, connect, direct, dynamodb, eventbridge, events, firehose, function_url, iot,
    iot_authorizer, kafka, kinesis, lex, rabbitmq, s3, s3_batch, s3_object_lambda, ses, sns, sqs,
    step_functions, transfer, vpc_lattice, vpc_lattice_v2, websocket,
};
