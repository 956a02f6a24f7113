//! Who judges the events of a source: one line per source, or per shape that a source has.

use aws_lambda_events::event::{
    apigw::{ApiGatewayProxyRequest, ApiGatewayV2httpRequest},
    cloudwatch_logs, dynamodb, eventbridge, firehose, kinesis, s3,
    s3::{batch_job::S3BatchJobEvent, object_lambda::S3ObjectLambdaEvent},
    sns, sqs,
};
use evfuzz_generators::source::EventSource;
use serde_json::Value;

use crate::{
    strict::{Judge, strict},
    support,
};

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

fn is_annotation(event: &Value) -> bool {
    let name = event.pointer("/Records/0/eventName").and_then(Value::as_str);
    name.is_some_and(|it| it.starts_with("ObjectAnnotation:"))
}

/// Whether a stack has made the bucket.
fn has_tags(event: &Value) -> bool {
    event.pointer("/Records/0/s3/bucket/awsGeneratedTags").is_some()
}

fn has_size(event: &Value) -> bool {
    event.pointer("/Records/0/s3/object/size").is_some()
}

/// Whether every member is a text.
fn of_texts(state: &Value) -> bool {
    state.as_object().is_some_and(|it| it.values().all(Value::is_string))
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
        source: EventSource::S3,
        // Both of 2026, so the types have no place for them; and the model wants a size.
        when: |event| is_annotation(event) || (has_tags(event) && !has_size(event)),
        rust: None,
        pydantic: None,
        zod: Some("S3Schema"),
    },
    Schema {
        source: EventSource::S3,
        when: has_tags,
        rust: None,
        pydantic: Some("S3Model"),
        zod: Some("S3Schema"),
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
        // `TimeWindowEvent` flattens `Event`, whose `other` then holds the window. The other schema knows states of texts alone.
        when: |event| event.get("window").is_some() && !of_texts(&event["state"]),
        rust: None,
        pydantic: Some("DynamoDBStreamModel"),
        zod: None,
    },
    Schema {
        source: EventSource::DynamoDbStream,
        when: |event| event.get("window").is_some(),
        rust: None,
        pydantic: Some("DynamoDBStreamModel"),
        zod: Some("DynamoDBStreamSchema"),
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
        // As for streams of a table.
        when: |event| event.get("window").is_some(),
        rust: None,
        pydantic: Some("KinesisDataStreamModel"),
        zod: Some("KinesisDataStreamSchema"),
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
    Schema {
        source: EventSource::S3Batch,
        // The type has no place for the bucket's name and the arguments.
        when: |event| event["invocationSchemaVersion"] == "2.0",
        rust: None,
        pydantic: Some("S3BatchOperationModel"),
        zod: None,
    },
    Schema {
        source: EventSource::S3Batch,
        when: always,
        rust: Some(strict::<S3BatchJobEvent>),
        pydantic: Some("S3BatchOperationModel"),
        zod: None,
    },
    Schema {
        source: EventSource::S3ObjectLambda,
        when: |event| event.get("getObjectContext").is_some(),
        rust: Some(strict::<S3ObjectLambdaEvent>),
        pydantic: Some("S3ObjectLambdaEvent"),
        zod: Some("S3ObjectLambdaEventSchema"),
    },
    Schema {
        source: EventSource::S3ObjectLambda,
        when: always,
        rust: Some(strict::<S3ObjectLambdaEvent>),
        pydantic: None,
        zod: None,
    },
];

/// The sources whose events are judged: those that `EVFUZZ_SOURCES` names, else all.
pub(crate) fn sources() -> Vec<EventSource> {
    let mut sources = all_sources();
    if let Some(wanted) = support::wanted_sources() {
        sources.retain(|source| wanted.contains(source));
    }
    sources
}

/// All sources that have judges.
pub(crate) fn all_sources() -> Vec<EventSource> {
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
