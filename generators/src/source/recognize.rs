//! Which source sends events of a shape.

use serde_json::Value;

use super::EventSource;

/// See [`EventSource::recognize`].
pub(super) fn recognize(event: &Value) -> EventSource {
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
    EventSource::Direct
}
