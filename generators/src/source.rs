//! Event sources: the kinds of sender that evfuzz can stand in for.
//!
//! This module knows their names, who sees an error of the function, and how to tell from an
//! event which of them sent it. What their events look like is decided in `wire`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A kind of sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum EventSource {
    /// API Gateway REST API, Lambda proxy integration (payload format 1.0).
    #[serde(rename = "apigw-rest")]
    ApiGatewayRest,
    /// API Gateway HTTP API (payload format 2.0).
    #[serde(rename = "apigw-http")]
    ApiGatewayHttp,
    /// S3 bucket notifications.
    #[serde(rename = "s3")]
    S3,
    /// An SQS queue.
    #[serde(rename = "sqs")]
    Sqs,
    /// A DynamoDB stream.
    #[serde(rename = "dynamodb")]
    DynamoDbStream,
    /// An SNS topic.
    #[serde(rename = "sns")]
    Sns,
    /// An EventBridge bus or schedule.
    #[serde(rename = "eventbridge")]
    EventBridge,
    /// A Kinesis data stream.
    #[serde(rename = "kinesis")]
    Kinesis,
    /// A Firehose stream that transforms its records.
    #[serde(rename = "firehose")]
    Firehose,
    /// A subscription to a CloudWatch log group.
    #[serde(rename = "cloudwatch-logs")]
    CloudWatchLogs,
    /// `Invoke` with any JSON.
    #[serde(rename = "direct")]
    Direct,
}

/// Who sees an error of the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// The sender waits for the answer and sees errors.
    Synchronous,
    /// The sender is gone; Lambda retries, or drops the event.
    Asynchronous,
}

impl EventSource {
    /// Every event source, in the order in which they are tried. `Direct` is last: it accepts
    /// everything.
    pub const ALL: [EventSource; 11] = [
        EventSource::ApiGatewayRest,
        EventSource::ApiGatewayHttp,
        EventSource::S3,
        EventSource::Sqs,
        EventSource::DynamoDbStream,
        EventSource::Sns,
        EventSource::EventBridge,
        EventSource::Kinesis,
        EventSource::Firehose,
        EventSource::CloudWatchLogs,
        EventSource::Direct,
    ];

    /// Stable kebab-case id, as on the command line and in stored test cases.
    pub fn id(self) -> &'static str {
        match self {
            EventSource::ApiGatewayRest => "apigw-rest",
            EventSource::ApiGatewayHttp => "apigw-http",
            EventSource::S3 => "s3",
            EventSource::Sqs => "sqs",
            EventSource::DynamoDbStream => "dynamodb",
            EventSource::Sns => "sns",
            EventSource::EventBridge => "eventbridge",
            EventSource::Kinesis => "kinesis",
            EventSource::Firehose => "firehose",
            EventSource::CloudWatchLogs => "cloudwatch-logs",
            EventSource::Direct => "direct",
        }
    }

    /// The event source with this id.
    pub fn from_id(id: &str) -> Option<EventSource> {
        EventSource::ALL.into_iter().find(|source| source.id() == id)
    }

    /// Name for people.
    pub fn title(self) -> &'static str {
        match self {
            EventSource::ApiGatewayRest => "API Gateway REST",
            EventSource::ApiGatewayHttp => "API Gateway HTTP",
            EventSource::S3 => "S3",
            EventSource::Sqs => "SQS",
            EventSource::DynamoDbStream => "DynamoDB stream",
            EventSource::Sns => "SNS",
            EventSource::EventBridge => "EventBridge",
            EventSource::Kinesis => "Kinesis",
            EventSource::Firehose => "Firehose",
            EventSource::CloudWatchLogs => "CloudWatch Logs",
            EventSource::Direct => "direct invocation",
        }
    }

    /// Who sees an error of the function.
    ///
    /// SQS and DynamoDB streams are polled: Lambda's poller invokes synchronously, but whoever
    /// sent the message sees nothing.
    pub fn delivery(self) -> Delivery {
        match self {
            EventSource::ApiGatewayRest
            | EventSource::ApiGatewayHttp
            | EventSource::Firehose
            | EventSource::Direct => Delivery::Synchronous,
            EventSource::S3
            | EventSource::Sqs
            | EventSource::DynamoDbStream
            | EventSource::Sns
            | EventSource::EventBridge
            | EventSource::Kinesis
            | EventSource::CloudWatchLogs => Delivery::Asynchronous,
        }
    }

    /// Member names that occur in events of this source, most distinctive first.
    ///
    /// A function that reads them probably expects this source.
    pub fn keys(self) -> &'static [&'static str] {
        match self {
            EventSource::ApiGatewayRest => &[
                "httpMethod",
                "multiValueQueryStringParameters",
                "multiValueHeaders",
                "resourcePath",
                "queryStringParameters",
                "pathParameters",
                "stageVariables",
                "isBase64Encoded",
                "requestContext",
                "headers",
                "body",
                "resource",
                "path",
            ],
            EventSource::ApiGatewayHttp => &[
                "rawPath",
                "rawQueryString",
                "routeKey",
                "http",
                "cookies",
                "queryStringParameters",
                "pathParameters",
                "stageVariables",
                "isBase64Encoded",
                "requestContext",
                "headers",
                "body",
                "version",
                "method",
                "path",
            ],
            EventSource::S3 => &[
                "s3",
                "object",
                "bucket",
                "eTag",
                "sequencer",
                "versionId",
                "eventName",
                "Records",
                "key",
                "size",
            ],
            EventSource::Sqs => &[
                "messageAttributes",
                "md5OfBody",
                "md5OfMessageAttributes",
                "messageId",
                "receiptHandle",
                "batchItemFailures",
                "itemIdentifier",
                "stringValue",
                "MessageGroupId",
                "eventSourceARN",
                "Records",
                "body",
            ],
            EventSource::DynamoDbStream => &[
                "dynamodb",
                "NewImage",
                "OldImage",
                "StreamViewType",
                "SequenceNumber",
                "Keys",
                "INSERT",
                "MODIFY",
                "REMOVE",
                "eventName",
                "Records",
                "S",
                "N",
                "M",
                "L",
            ],
            EventSource::Sns => &["Sns", "TopicArn", "EventSubscriptionArn", "UnsubscribeUrl"],
            EventSource::EventBridge => &["detail-type", "detail", "resources"],
            EventSource::Kinesis => {
                &["kinesis", "partitionKey", "kinesisSchemaVersion", "approximateArrivalTimestamp"]
            }
            EventSource::Firehose => &["recordId", "deliveryStreamArn", "invocationId"],
            EventSource::CloudWatchLogs => &["awslogs", "logEvents", "logGroup", "logStream"],
            EventSource::Direct => &[],
        }
    }

    /// The source that sends events of this shape; `Direct` if none does.
    ///
    /// Lenient: people keep abridged events. One member that no other source has is enough.
    pub fn recognize(event: &Value) -> EventSource {
        if let Some(record) = event.get("Records").and_then(|records| records.get(0)) {
            if record.get("Sns").is_some() {
                return EventSource::Sns;
            }
            return match record.get("eventSource").and_then(Value::as_str) {
                Some("aws:kinesis") => EventSource::Kinesis,
                Some("aws:s3") => EventSource::S3,
                Some("aws:sqs") => EventSource::Sqs,
                Some("aws:dynamodb") => EventSource::DynamoDbStream,
                Some(_) => EventSource::Direct,
                None if record.get("s3").is_some() => EventSource::S3,
                None if record.get("dynamodb").is_some() => EventSource::DynamoDbStream,
                None if record.get("body").is_some() => EventSource::Sqs,
                None => EventSource::Direct,
            };
        }
        if event.get("detail-type").is_some() && event.get("detail").is_some() {
            return EventSource::EventBridge;
        }
        if event.pointer("/awslogs/data").is_some() {
            return EventSource::CloudWatchLogs;
        }
        if event.get("deliveryStreamArn").is_some() && event.get("records").is_some() {
            return EventSource::Firehose;
        }
        let context = event.get("requestContext");
        // A load balancer sends `httpMethod` too, but never decodes its query.
        if context.is_some_and(|context| context.get("elb").is_some()) {
            return EventSource::Direct;
        }
        if event.get("rawPath").is_some()
            || event.get("routeKey").is_some()
            || context.is_some_and(|context| context.get("http").is_some())
        {
            return EventSource::ApiGatewayHttp;
        }
        let rest = ["httpMethod", "queryStringParameters", "pathParameters", "multiValueHeaders"];
        if rest.iter().any(|key| event.get(key).is_some()) {
            return EventSource::ApiGatewayRest;
        }
        EventSource::Direct
    }
}

#[cfg(test)]
mod tests;
