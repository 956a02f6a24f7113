//! Who judges the events of a source: one line per source, or per shape that a source has.

use aws_lambda_events::event::{
    activemq,
    alb::AlbTargetGroupRequest,
    apigw::{
        ApiGatewayCustomAuthorizerRequest, ApiGatewayCustomAuthorizerRequestTypeRequest,
        ApiGatewayProxyRequest, ApiGatewayV2CustomAuthorizerV2Request, ApiGatewayV2httpRequest,
        ApiGatewayWebsocketProxyRequest,
    },
    appsync, bedrock_agent_runtime,
    cloudformation::CloudFormationCustomResourceRequest,
    cloudwatch_logs, cognito, config, connect, dynamodb, eventbridge, firehose, iot, kafka, kinesis,
    lambda_function_urls::LambdaFunctionUrlRequest,
    rabbitmq, s3,
    s3::{batch_job::S3BatchJobEvent, object_lambda::S3ObjectLambdaEvent},
    ses, sns, sqs,
    vpc_lattice::{VpcLatticeRequestV1, VpcLatticeRequestV2},
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
    Schema {
        source: EventSource::Kafka,
        when: |event| event["eventSource"] == "aws:kafka",
        rust: Some(strict::<kafka::KafkaEvent>),
        pydantic: Some("KafkaMskEventModel"),
        zod: Some("KafkaMskEventSchema"),
    },
    Schema {
        source: EventSource::Kafka,
        when: always,
        rust: Some(strict::<kafka::KafkaEvent>),
        pydantic: Some("KafkaSelfManagedEventModel"),
        zod: Some("KafkaSelfManagedEventSchema"),
    },
    // Powertools has no models of Amazon MQ.
    Schema {
        source: EventSource::ActiveMq,
        when: always,
        rust: Some(strict::<activemq::ActiveMqEvent>),
        pydantic: None,
        zod: None,
    },
    Schema {
        source: EventSource::RabbitMq,
        when: always,
        rust: Some(strict::<rabbitmq::RabbitMqEvent>),
        pydantic: None,
        zod: None,
    },
    Schema {
        source: EventSource::Cognito,
        when: |event| is_trigger(event, "PreSignUp"),
        rust: Some(strict::<cognito::CognitoEventUserPoolsPreSignup>),
        pydantic: Some("CognitoPreSignupTriggerModel"),
        zod: Some("PreSignupTriggerSchema"),
    },
    Schema {
        source: EventSource::Cognito,
        when: |event| is_trigger(event, "PostConfirmation"),
        rust: Some(strict::<cognito::CognitoEventUserPoolsPostConfirmation>),
        pydantic: Some("CognitoPostConfirmationTriggerModel"),
        zod: Some("PostConfirmationTriggerSchema"),
    },
    Schema {
        source: EventSource::Cognito,
        when: |event| is_trigger(event, "PreAuthentication"),
        rust: Some(strict::<cognito::CognitoEventUserPoolsPreAuthentication>),
        pydantic: Some("CognitoPreAuthenticationTriggerModel"),
        zod: Some("PreAuthenticationTriggerSchema"),
    },
    Schema {
        source: EventSource::Cognito,
        when: |event| is_trigger(event, "PostAuthentication"),
        rust: Some(strict::<cognito::CognitoEventUserPoolsPostAuthentication>),
        pydantic: Some("CognitoPostAuthenticationTriggerModel"),
        zod: Some("PostAuthenticationTriggerSchema"),
    },
    Schema {
        source: EventSource::Cognito,
        when: |event| is_trigger(event, "CustomMessage"),
        rust: Some(strict::<cognito::CognitoEventUserPoolsCustomMessage>),
        pydantic: Some("CognitoCustomMessageTriggerModel"),
        zod: Some("CustomMessageTriggerSchema"),
    },
    Schema {
        source: EventSource::Cognito,
        when: |event| is_trigger(event, "DefineAuthChallenge"),
        rust: Some(strict::<cognito::CognitoEventUserPoolsDefineAuthChallenge>),
        pydantic: Some("CognitoDefineAuthChallengeTriggerModel"),
        zod: Some("DefineAuthChallengeTriggerSchema"),
    },
    Schema {
        source: EventSource::Cognito,
        when: |event| is_trigger(event, "CreateAuthChallenge"),
        rust: Some(strict::<cognito::CognitoEventUserPoolsCreateAuthChallenge>),
        pydantic: Some("CognitoCreateAuthChallengeTriggerModel"),
        zod: Some("CreateAuthChallengeTriggerSchema"),
    },
    Schema {
        source: EventSource::Cognito,
        when: |event| is_trigger(event, "VerifyAuthChallengeResponse"),
        rust: Some(strict::<cognito::CognitoEventUserPoolsVerifyAuthChallenge>),
        pydantic: Some("CognitoVerifyAuthChallengeTriggerModel"),
        zod: Some("VerifyAuthChallengeTriggerSchema"),
    },
    Schema {
        source: EventSource::Cognito,
        when: |event| is_trigger(event, "UserMigration"),
        rust: Some(strict::<cognito::CognitoEventUserPoolsMigrateUser>),
        pydantic: Some("CognitoMigrateUserTriggerModel"),
        zod: Some("MigrateUserTriggerSchema"),
    },
    Schema {
        source: EventSource::Cognito,
        when: |event| is_trigger(event, "CustomEmailSender"),
        rust: None,
        pydantic: Some("CognitoCustomEmailSenderTriggerModel"),
        zod: Some("CustomEmailSenderTriggerSchema"),
    },
    Schema {
        source: EventSource::Cognito,
        when: |event| is_trigger(event, "CustomSMSSender"),
        rust: None,
        pydantic: Some("CognitoCustomSMSSenderTriggerModel"),
        zod: Some("CustomSMSSenderTriggerSchema"),
    },
    Schema {
        source: EventSource::Cognito,
        when: |event| is_trigger(event, "TokenGeneration") && event["version"] == "1",
        rust: Some(strict::<cognito::CognitoEventUserPoolsPreTokenGen>),
        pydantic: Some("CognitoPreTokenGenerationTriggerModelV1"),
        zod: Some("PreTokenGenerationTriggerSchemaV1"),
    },
    Schema {
        source: EventSource::Cognito,
        when: |event| is_trigger(event, "TokenGeneration"),
        rust: Some(strict::<cognito::CognitoEventUserPoolsPreTokenGenV2>),
        pydantic: Some("CognitoPreTokenGenerationTriggerModelV2AndV3"),
        zod: Some("PreTokenGenerationTriggerSchemaV2AndV3"),
    },
    // What has no trigger's name is none's.
    Schema { source: EventSource::Cognito, when: always, rust: None, pydantic: None, zod: None },
    // None of the three knows CloudFront: `facts` alone judges.
    Schema { source: EventSource::CloudFront, when: always, rust: None, pydantic: None, zod: None },
    Schema {
        source: EventSource::AppSync,
        when: |event| event.get("authorizationToken").is_some(),
        rust: Some(strict::<appsync::AppSyncLambdaAuthorizerRequest>),
        pydantic: None,
        zod: None,
    },
    Schema {
        source: EventSource::AppSync,
        when: |event| event.pointer("/info/operation").is_some_and(|it| it == "SUBSCRIBE"),
        rust: None,
        pydantic: Some("AppSyncEventsModel"),
        zod: Some("AppSyncEventsSubscribeSchema"),
    },
    Schema {
        source: EventSource::AppSync,
        when: |event| event.pointer("/info/channel").is_some(),
        rust: None,
        pydantic: Some("AppSyncEventsModel"),
        zod: Some("AppSyncEventsPublishSchema"),
    },
    Schema {
        source: EventSource::AppSync,
        when: Value::is_array,
        rust: Some(strict::<Vec<appsync::AppSyncDirectResolverEvent>>),
        pydantic: None,
        zod: Some("AppSyncBatchResolverSchema"),
    },
    // What Amplify's templates make of a context is known to none.
    Schema {
        source: EventSource::AppSync,
        when: |event| event.get("typeName").is_some(),
        rust: None,
        pydantic: None,
        zod: None,
    },
    Schema {
        source: EventSource::AppSync,
        when: always,
        rust: Some(strict::<appsync::AppSyncDirectResolverEvent>),
        pydantic: Some("AppSyncResolverEventModel"),
        zod: Some("AppSyncResolverSchema"),
    },
    Schema {
        source: EventSource::Ses,
        when: always,
        rust: Some(strict::<ses::SimpleEmailEvent>),
        pydantic: Some("SesModel"),
        zod: Some("SesSchema"),
    },
    Schema {
        source: EventSource::CloudFormation,
        when: |event| event["RequestType"] == "Update",
        rust: Some(strict::<CloudFormationCustomResourceRequest>),
        pydantic: Some("CloudFormationCustomResourceUpdateModel"),
        zod: Some("CloudFormationCustomResourceUpdateSchema"),
    },
    Schema {
        source: EventSource::CloudFormation,
        when: |event| event["RequestType"] == "Delete",
        rust: Some(strict::<CloudFormationCustomResourceRequest>),
        pydantic: Some("CloudFormationCustomResourceDeleteModel"),
        zod: Some("CloudFormationCustomResourceDeleteSchema"),
    },
    Schema {
        source: EventSource::CloudFormation,
        when: always,
        rust: Some(strict::<CloudFormationCustomResourceRequest>),
        pydantic: Some("CloudFormationCustomResourceCreateModel"),
        zod: Some("CloudFormationCustomResourceCreateSchema"),
    },
    // The one type is of the first version, which AWS has ended: `facts` alone judges.
    Schema { source: EventSource::Lex, when: always, rust: None, pydantic: None, zod: None },
    // Powertools has models of none of the three, or only classes that take anything.
    Schema {
        source: EventSource::Connect,
        when: always,
        rust: Some(strict::<connect::ConnectEvent>),
        pydantic: None,
        zod: None,
    },
    Schema {
        source: EventSource::Config,
        when: always,
        rust: Some(strict::<config::ConfigEvent>),
        pydantic: None,
        zod: None,
    },
    Schema {
        source: EventSource::IotAuthorizer,
        when: always,
        rust: Some(strict::<iot::IoTCoreCustomAuthorizerRequest>),
        pydantic: None,
        zod: None,
    },
    Schema {
        source: EventSource::BedrockAgent,
        // The type knows calls by a schema only.
        when: |event| event.get("function").is_some(),
        rust: None,
        pydantic: Some("BedrockAgentFunctionEventModel"),
        zod: None,
    },
    Schema {
        source: EventSource::BedrockAgent,
        when: always,
        rust: Some(strict::<bedrock_agent_runtime::AgentEvent>),
        pydantic: Some("BedrockAgentEventModel"),
        zod: None,
    },
    Schema {
        source: EventSource::Transfer,
        when: always,
        rust: None,
        pydantic: Some("TransferFamilyAuthorizer"),
        zod: Some("TransferFamilySchema"),
    },
    // Any object can be such an event: `facts` judges what AWS puts in.
    Schema { source: EventSource::Iot, when: always, rust: None, pydantic: None, zod: None },
    Schema { source: EventSource::StepFunctions, when: always, rust: None, pydantic: None, zod: None },
];

/// Whether it is an event of that trigger: `PreSignUp` for `PreSignUp_SignUp`.
fn is_trigger(event: &Value, trigger: &str) -> bool {
    event["triggerSource"].as_str().and_then(|it| it.split_once('_')).is_some_and(|(it, _)| it == trigger)
}

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
