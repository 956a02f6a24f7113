//! Which source sends events of a shape.

use serde_json::Value;

use super::EventSource;
use crate::wire::event::{appsync, iot, step_functions};

/// See [`EventSource::recognize`].
pub(super) fn recognize(event: &Value) -> EventSource {
    if let Some(record) = event.get("Records").and_then(|records| records.get(0)) {
        if record.get("Sns").is_some() {
            return EventSource::Sns;
        }
        if record.get("cf").is_some() {
            return EventSource::CloudFront;
        }
        if record.get("ses").is_some() {
            return EventSource::Ses;
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
    if event.get("invocationSchemaVersion").is_some() && event.get("tasks").is_some() {
        return EventSource::S3Batch;
    }
    if event.get("userRequest").is_some() && event.get("xAmzRequestId").is_some() {
        return EventSource::S3ObjectLambda;
    }
    if let Some(source) = event.get("eventSource").and_then(Value::as_str).and_then(of_broker) {
        return source;
    }
    if event.get("rmqMessagesByQueue").is_some() {
        return EventSource::RabbitMq;
    }
    if event.get("bootstrapServers").is_some() && event.get("records").is_some() {
        return EventSource::Kafka;
    }
    let is_trigger = event.get("triggerSource").is_some() && event.get("request").is_some();
    if is_trigger || event.pointer("/request/userAttributes").is_some() {
        return EventSource::Cognito;
    }
    if appsync::is_appsync(event) {
        return EventSource::AppSync;
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
    if step_functions::is_task(event) {
        return EventSource::StepFunctions;
    }
    if iot::is_selected(event) {
        return EventSource::Iot;
    }
    EventSource::Direct
}

/// What a poller of Lambda's says at the top of the event.
fn of_broker(name: &str) -> Option<EventSource> {
    match name {
        "aws:kafka" | "SelfManagedKafka" => Some(EventSource::Kafka),
        "aws:mq" => Some(EventSource::ActiveMq),
        "aws:rmq" => Some(EventSource::RabbitMq),
        _ => None,
    }
}
