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
    FunctionUrl function_url "a Lambda function URL"
        r#"event["requestContext"]["http"]["path"].is_string() && event["rawPath"].is_string()"#
    Alb alb "an Application Load Balancer"
        r#"event["requestContext"]["elb"].is_object() && event["headers"].is_object()"#
    AlbMulti alb_multi "an Application Load Balancer with multi-value headers"
        r#"event["multiValueHeaders"].is_object() && event["headers"].is_null()"#
    WebSocket websocket "a WebSocket API: connections, messages, disconnections"
        r#"event["requestContext"]["connectionId"].is_string()"#
    AuthorizerToken authorizer_token "a REST API that asks an authorizer about a token"
        r#"event["authorizationToken"].is_string()"#
    AuthorizerRequest authorizer_request "a REST API that asks an authorizer about a request"
        r#"event["type"] == "REQUEST" && event["methodArn"].is_string()"#
    AuthorizerHttp authorizer_http "an HTTP API that asks an authorizer about a request"
        r#"event["type"] == "REQUEST" && event["routeArn"].is_string()"#
    VpcLattice vpc_lattice "a VPC Lattice target group, first version"
        r#"event["raw_path"].is_string()"#
    VpcLatticeV2 vpc_lattice_v2 "a VPC Lattice target group, second version"
        r#"event["requestContext"]["serviceNetworkArn"].is_string()"#
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
    S3Batch s3_batch "an S3 Batch Operations job"
        r#"event["tasks"][0]["s3Key"].is_string()"#
    S3ObjectLambda s3_object_lambda "an S3 Object Lambda access point"
        r#"event["userRequest"]["url"].is_string()"#
    Kafka kafka "a Kafka topic, of Amazon MSK or self-managed"
        r#"event["records"].as_object().is_some_and(|it| !it.is_empty())"#
    ActiveMq activemq "a queue of an ActiveMQ broker"
        r#"event["eventSource"] == "aws:mq" && event["messages"].is_array()"#
    RabbitMq rabbitmq "a queue of a RabbitMQ broker"
        r#"event["eventSource"] == "aws:rmq" && event["rmqMessagesByQueue"].is_object()"#
    Cognito cognito "a Cognito user pool: its triggers"
        r#"event["triggerSource"].is_string() && event["request"].is_object()"#
    CloudFront cloudfront "a CloudFront distribution (Lambda@Edge)"
        r#"event["Records"][0]["cf"]["request"]["uri"].is_string()"#
    AppSync appsync "an AppSync API: resolvers, authorizers and channels"
        r#"event.is_object() || event.is_array()"#
    Ses ses "an SES receipt rule: a mail that was received"
        r#"event["Records"][0]["ses"]["mail"]["headers"].is_array()"#
    Iot iot "an IoT rule: what its SQL selects from a message"
        r#"event.to_string().len() <= 6 << 20"#
    CloudFormation cloudformation "a stack that asks for a custom resource"
        r#"event["ResourceProperties"]["ServiceToken"] == event["ServiceToken"]"#
    Lex lex "a Lex V2 bot: what somebody says, and the slots"
        r#"event["inputTranscript"] == event["transcriptions"][0]["transcription"]"#
    Connect connect "an Amazon Connect contact flow"
        r#"event["Details"]["Parameters"].is_object()"#
    Config aws_config "a custom rule of AWS Config"
        r#"event["invokingEvent"].as_str().is_some_and(|it| it.contains("messageType"))"#
    IotAuthorizer iot_authorizer "AWS IoT Core that asks a custom authorizer about a device"
        r#"event["protocolData"].is_object()"#
    BedrockAgent bedrock_agent "an Amazon Bedrock agent that calls an action group"
        r#"event["inputText"].is_string() && event["actionGroup"].is_string()"#
    Transfer transfer "AWS Transfer Family that asks about a login"
        r#"event["username"].as_str().is_some_and(|it| it.len() >= 3)"#
    StepFunctions step_functions "a Step Functions task: what a state is given"
        r#"event.to_string().len() <= 6 << 20"#
    Direct direct "a direct invocation: any JSON"
        r#"event.to_string().len() <= 6 << 20"#
}
