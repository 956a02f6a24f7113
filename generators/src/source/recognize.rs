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
    if let Some(source) = of_asker(event) {
        return source;
    }
    of_http(event)
}

/// Which of the sources that deliver requests.
fn of_http(event: &Value) -> EventSource {
    if event.get("authorizationToken").is_some() {
        return EventSource::AuthorizerToken;
    }
    if event.get("routeArn").is_some() {
        return EventSource::AuthorizerHttp;
    }
    if event.get("methodArn").is_some() {
        return EventSource::AuthorizerRequest;
    }
    let of_context = |name: &str| event.get("requestContext").and_then(|context| context.get(name));
    let has = |name: &str| event.get(name).is_some();
    if of_context("elb").is_some() {
        let multi = has("multiValueHeaders") || has("multiValueQueryStringParameters");
        return if multi { EventSource::AlbMulti } else { EventSource::Alb };
    }
    if of_context("connectionId").is_some() {
        return EventSource::WebSocket;
    }
    if of_context("serviceArn").is_some() || of_context("serviceNetworkArn").is_some() {
        return EventSource::VpcLatticeV2;
    }
    if has("raw_path") {
        return EventSource::VpcLattice;
    }
    if has("rawPath") || has("routeKey") || of_context("http").is_some() {
        let domain = of_context("domainName").and_then(Value::as_str).unwrap_or_default();
        // What nobody had to sign comes from no account; an API has one.
        let anonymous = of_context("accountId").and_then(Value::as_str) == Some("anonymous");
        return match anonymous || domain.contains(".lambda-url.") {
            true => EventSource::FunctionUrl,
            false => EventSource::ApiGatewayHttp,
        };
    }
    if ["httpMethod", "queryStringParameters", "pathParameters", "multiValueHeaders"].into_iter().any(has) {
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

/// Which of the services that ask a function about one thing: a resource, a login, a turn of a conversation.
fn of_asker(event: &Value) -> Option<EventSource> {
    let has = |name: &str| event.get(name).is_some();
    let table: [(bool, EventSource); 7] = [
        (
            has("RequestType") && (has("ResponseURL") || has("ResourceProperties")),
            EventSource::CloudFormation,
        ),
        (has("sessionState") && (has("bot") || has("inputTranscript")), EventSource::Lex),
        (event.pointer("/Details/ContactData").is_some(), EventSource::Connect),
        (has("invokingEvent") && (has("resultToken") || has("ruleParameters")), EventSource::Config),
        (has("protocolData") && (has("protocols") || has("signatureVerified")), EventSource::IotAuthorizer),
        (has("actionGroup") && (has("agent") || has("inputText")), EventSource::BedrockAgent),
        (has("username") && has("serverId") && has("protocol"), EventSource::Transfer),
    ];
    table.into_iter().find(|(is_such, _)| *is_such).map(|(_, source)| source)
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
