//! Who judges the events of a source: one line per source, or per shape that a source has.

use aws_lambda_events::event::{
    alb::AlbTargetGroupRequest,
    apigw::{
        ApiGatewayCustomAuthorizerRequest, ApiGatewayCustomAuthorizerRequestTypeRequest,
        ApiGatewayProxyRequest, ApiGatewayV2CustomAuthorizerV2Request, ApiGatewayV2httpRequest,
        ApiGatewayWebsocketProxyRequest,
    },
    cloudwatch_logs, dynamodb, eventbridge, firehose, kinesis,
    lambda_function_urls::LambdaFunctionUrlRequest,
    s3, sns, sqs,
    vpc_lattice::{VpcLatticeRequestV1, VpcLatticeRequestV2},
};
use evfuzz_generators::source::EventSource;
use serde_json::Value;

use crate::strict::{Judge, strict};

/// The models of one shape in the three libraries. A new source is a new line in [`SCHEMAS`].
pub(crate) struct Schema {
    /// Whose events.
    pub(crate) source: EventSource,
    /// Which of them, for a source of several shapes. The first line that fits counts.
    pub(crate) when: fn(&Value) -> bool,
    /// A type of `aws_lambda_events`, if it has one.
    pub(crate) rust: Option<Judge>,
    /// A name in `aws_lambda_powertools.utilities.parser.models`.
    pub(crate) pydantic: Option<&'static str>,
    /// A name in `@aws-lambda-powertools/parser/schemas`.
    pub(crate) zod: Option<&'static str>,
}

fn always(_event: &Value) -> bool {
    true
}

fn is_connect(event: &Value) -> bool {
    event["requestContext"]["eventType"] == "CONNECT"
}

fn is_disconnect(event: &Value) -> bool {
    event["requestContext"]["eventType"] == "DISCONNECT"
}

const SCHEMAS: &[Schema] = &[
    Schema {
        source: EventSource::ApiGatewayRest,
        when: always,
        rust: Some(strict::<ApiGatewayProxyRequest>),
        pydantic: Some("APIGatewayProxyEventModel"),
        zod: Some("APIGatewayProxyEventSchema"),
    },
    Schema {
        source: EventSource::ApiGatewayHttp,
        when: always,
        rust: Some(strict::<ApiGatewayV2httpRequest>),
        pydantic: Some("APIGatewayProxyEventV2Model"),
        zod: Some("APIGatewayProxyEventV2Schema"),
    },
    Schema {
        source: EventSource::FunctionUrl,
        when: always,
        rust: Some(strict::<LambdaFunctionUrlRequest>),
        pydantic: Some("LambdaFunctionUrlModel"),
        zod: Some("LambdaFunctionUrlSchema"),
    },
    Schema {
        source: EventSource::Alb,
        when: always,
        rust: Some(strict::<AlbTargetGroupRequest>),
        pydantic: Some("AlbModel"),
        zod: Some("AlbSchema"),
    },
    Schema {
        source: EventSource::AlbMulti,
        when: always,
        rust: Some(strict::<AlbTargetGroupRequest>),
        // Its one model wants the maps of single values.
        pydantic: None,
        zod: Some("AlbMultiValueHeadersSchema"),
    },
    Schema {
        source: EventSource::WebSocket,
        when: is_connect,
        rust: Some(strict::<ApiGatewayWebsocketProxyRequest>),
        pydantic: Some("APIGatewayWebSocketConnectEventModel"),
        // Its one schema is of an authorizer: it wants `type` and `methodArn`.
        zod: None,
    },
    Schema {
        source: EventSource::WebSocket,
        when: is_disconnect,
        rust: Some(strict::<ApiGatewayWebsocketProxyRequest>),
        pydantic: Some("APIGatewayWebSocketDisconnectEventModel"),
        zod: None,
    },
    Schema {
        source: EventSource::WebSocket,
        when: always,
        rust: Some(strict::<ApiGatewayWebsocketProxyRequest>),
        pydantic: Some("APIGatewayWebSocketMessageEventModel"),
        zod: None,
    },
    Schema {
        source: EventSource::AuthorizerToken,
        when: always,
        rust: Some(strict::<ApiGatewayCustomAuthorizerRequest>),
        pydantic: Some("ApiGatewayAuthorizerToken"),
        zod: Some("APIGatewayTokenAuthorizerEventSchema"),
    },
    Schema {
        source: EventSource::AuthorizerRequest,
        when: is_connect,
        // None has a model of it: the types for connections know neither type nor ARN, those for requests no connection, and
        // the schema wants `isBase64Encoded`, which is not asked about (`lambda-events/src/fixtures/
        // example-apigw-v2-custom-authorizer-websocket-request.json`).
        rust: None,
        pydantic: None,
        zod: None,
    },
    Schema {
        source: EventSource::AuthorizerRequest,
        when: always,
        rust: Some(strict::<ApiGatewayCustomAuthorizerRequestTypeRequest>),
        pydantic: Some("ApiGatewayAuthorizerRequest"),
        zod: Some("APIGatewayRequestAuthorizerEventSchema"),
    },
    Schema {
        source: EventSource::AuthorizerHttp,
        when: always,
        rust: Some(strict::<ApiGatewayV2CustomAuthorizerV2Request>),
        pydantic: Some("ApiGatewayAuthorizerRequestV2"),
        zod: Some("APIGatewayRequestAuthorizerEventV2Schema"),
    },
    Schema {
        source: EventSource::VpcLattice,
        when: always,
        rust: Some(strict::<VpcLatticeRequestV1>),
        pydantic: Some("VpcLatticeModel"),
        zod: Some("VpcLatticeSchema"),
    },
    Schema {
        source: EventSource::VpcLatticeV2,
        when: always,
        rust: Some(strict::<VpcLatticeRequestV2>),
        // In these releases headers and query parameters hold single texts. The guide shows lists.
        pydantic: None,
        zod: None,
    },
    Schema {
        source: EventSource::S3,
        when: always,
        rust: Some(strict::<s3::S3Event>),
        pydantic: Some("S3Model"),
        zod: Some("S3Schema"),
    },
    Schema {
        source: EventSource::Sqs,
        when: always,
        rust: Some(strict::<sqs::SqsEvent>),
        pydantic: Some("SqsModel"),
        zod: Some("SqsSchema"),
    },
    Schema {
        source: EventSource::DynamoDbStream,
        when: always,
        rust: Some(strict::<dynamodb::Event>),
        pydantic: Some("DynamoDBStreamModel"),
        zod: Some("DynamoDBStreamSchema"),
    },
    Schema {
        source: EventSource::Sns,
        when: always,
        rust: Some(strict::<sns::SnsEvent>),
        pydantic: Some("SnsModel"),
        zod: Some("SnsSchema"),
    },
    Schema {
        source: EventSource::EventBridge,
        when: |event| event["source"] == "aws.s3",
        rust: Some(strict::<eventbridge::EventBridgeEvent>),
        pydantic: Some("S3EventNotificationEventBridgeModel"),
        zod: Some("S3EventNotificationEventBridgeSchema"),
    },
    Schema {
        source: EventSource::EventBridge,
        when: always,
        rust: Some(strict::<eventbridge::EventBridgeEvent>),
        pydantic: Some("EventBridgeModel"),
        zod: Some("EventBridgeSchema"),
    },
    Schema {
        source: EventSource::Kinesis,
        when: always,
        rust: Some(strict::<kinesis::KinesisEvent>),
        pydantic: Some("KinesisDataStreamModel"),
        zod: Some("KinesisDataStreamSchema"),
    },
    Schema {
        source: EventSource::Firehose,
        when: always,
        rust: Some(strict::<firehose::KinesisFirehoseEvent>),
        pydantic: Some("KinesisFirehoseModel"),
        zod: Some("KinesisFirehoseSchema"),
    },
    Schema {
        source: EventSource::CloudWatchLogs,
        when: always,
        rust: Some(strict::<cloudwatch_logs::LogsEvent>),
        pydantic: Some("CloudWatchLogsModel"),
        zod: Some("CloudWatchLogsSchema"),
    },
];

/// The sources whose events are judged.
pub(crate) fn sources() -> Vec<EventSource> {
    let mut sources: Vec<EventSource> = SCHEMAS.iter().map(|schema| schema.source).collect();
    sources.dedup();
    sources
}

/// Who judges `event`.
pub(crate) fn schema(source: EventSource, event: &Value) -> &'static Schema {
    let mut of_source = SCHEMAS.iter().filter(|schema| schema.source == source);
    of_source
        .find(|schema| (schema.when)(event))
        .unwrap_or_else(|| panic!("no line of SCHEMAS fits this event of {}: {event}", source.id()))
}
