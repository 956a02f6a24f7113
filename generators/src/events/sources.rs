//! One function per event source, each with what is true of every one of its events.

use super::{Events, events};
use crate::source::EventSource;

/// Makes the function of each source; `$holds` is in its example.
macro_rules! sources {
    ($($source:ident $name:ident $what:literal $holds:literal)*) => {
        $(
            #[doc = concat!("Events of ", $what, ".")]
            ///
            /// ```
            #[doc = concat!("use evfuzz_generators::", stringify!($name), ";")]
            /// use proptest::prelude::*;
            ///
            #[doc = concat!("proptest!(ProptestConfig::with_cases(8), |(event in ", stringify!($name), "())| {")]
            ///     let event = event.value();
            #[doc = concat!("    prop_assert!(", $holds, ");")]
            /// });
            /// ```
            pub fn $name() -> Events {
                events(EventSource::$source)
            }
        )*

        /// Sources that have a function here.
        #[cfg(test)]
        pub(super) const NAMED: &[EventSource] = &[$(EventSource::$source),*];
    };
}

sources! {
    ApiGatewayRest api_gateway_rest "an API Gateway REST API (payload format 1.0)"
        r#"event["httpMethod"].is_string() && event["multiValueHeaders"].is_object()"#
    ApiGatewayHttp api_gateway_http "an API Gateway HTTP API (payload format 2.0)"
        r#"event["version"] == "2.0" && event["requestContext"]["http"]["method"].is_string()"#
    S3 s3 "an S3 bucket: an object was put, copied, deleted"
        r#"event["Records"][0]["s3"]["object"]["key"].is_string()"#
    Sqs sqs "an SQS queue: one to ten messages, standard or FIFO"
        r#"event["Records"][0]["body"].as_str().is_some_and(|it| !it.is_empty())"#
    DynamoDbStream dynamodb "a DynamoDB stream: items that were inserted, modified, removed"
        r#"event["Records"][0]["dynamodb"]["Keys"].is_object()"#
    Sns sns "an SNS topic: one message, always"
        r#"event["Records"].as_array().is_some_and(|it| it.len() == 1)"#
    EventBridge eventbridge "an EventBridge bus or schedule"
        r#"event["detail-type"].is_string() && event["detail"].is_object()"#
    Kinesis kinesis "a Kinesis data stream: base64 in each record"
        r#"event["Records"][0]["kinesis"]["data"].is_string()"#
    Firehose firehose "a Firehose stream that transforms its records"
        r#"event["records"][0]["recordId"].is_string()"#
    CloudWatchLogs cloudwatch_logs "a CloudWatch Logs subscription: base64 of gzip of JSON"
        r#"event["awslogs"]["data"].is_string()"#
    Direct direct "a direct invocation: any JSON"
        r#"event.to_string().len() <= 6 << 20"#
}
