//! Event sources: the kinds of sender that evfuzz can stand in for.
//!
//! This module knows their names, who sees an error of the function, and how to tell from an
//! event which of them sent it. What their events look like is decided in `wire`.

mod facts;
mod kin;
mod recognize;

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
    /// A function URL.
    #[serde(rename = "function-url")]
    FunctionUrl,
    /// Application Load Balancer, one value a header and query parameter.
    #[serde(rename = "alb")]
    Alb,
    /// Application Load Balancer, multi-value headers enabled.
    #[serde(rename = "alb-multi")]
    AlbMulti,
    /// API Gateway WebSocket API.
    #[serde(rename = "apigw-websocket")]
    WebSocket,
    /// Lambda authorizer of a REST API that gets the token of one header.
    #[serde(rename = "authorizer-token")]
    AuthorizerToken,
    /// Lambda authorizer of a REST or WebSocket API that gets the request.
    #[serde(rename = "authorizer-request")]
    AuthorizerRequest,
    /// Lambda authorizer of an HTTP API, payload format 2.0.
    #[serde(rename = "authorizer-http")]
    AuthorizerHttp,
    /// VPC Lattice, event structure version 1.
    #[serde(rename = "vpc-lattice")]
    VpcLattice,
    /// VPC Lattice, event structure version 2.
    #[serde(rename = "vpc-lattice-v2")]
    VpcLatticeV2,
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
    /// A job of S3 Batch Operations.
    #[serde(rename = "s3-batch")]
    S3Batch,
    /// An S3 Object Lambda access point.
    #[serde(rename = "s3-object-lambda")]
    S3ObjectLambda,
    /// A Kafka topic, on Amazon MSK or on a cluster of one's own.
    #[serde(rename = "kafka")]
    Kafka,
    /// A queue of an Amazon MQ broker for ActiveMQ.
    #[serde(rename = "activemq")]
    ActiveMq,
    /// A queue of an Amazon MQ broker for RabbitMQ.
    #[serde(rename = "rabbitmq")]
    RabbitMq,
    /// A trigger of a Cognito user pool.
    #[serde(rename = "cognito")]
    Cognito,
    /// A CloudFront distribution: Lambda@Edge.
    #[serde(rename = "cloudfront")]
    CloudFront,
    /// A GraphQL API of AppSync: resolvers, its authorizer, AppSync Events.
    #[serde(rename = "appsync")]
    AppSync,
    /// A receipt rule of SES.
    #[serde(rename = "ses")]
    Ses,
    /// A rule of AWS IoT Core.
    #[serde(rename = "iot")]
    Iot,
    /// A custom resource of a CloudFormation stack.
    #[serde(rename = "cloudformation")]
    CloudFormation,
    /// A bot of Amazon Lex V2.
    #[serde(rename = "lex")]
    Lex,
    /// A contact flow of Amazon Connect.
    #[serde(rename = "connect")]
    Connect,
    /// A custom rule of AWS Config.
    #[serde(rename = "config")]
    Config,
    /// A custom authorizer of AWS IoT Core.
    #[serde(rename = "iot-authorizer")]
    IotAuthorizer,
    /// An action group of an Amazon Bedrock agent.
    #[serde(rename = "bedrock-agent")]
    BedrockAgent,
    /// A custom identity provider of AWS Transfer Family.
    #[serde(rename = "transfer")]
    Transfer,
    /// A task of a Step Functions state machine.
    #[serde(rename = "step-functions")]
    StepFunctions,
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
    pub const ALL: [EventSource; 38] = [
        EventSource::ApiGatewayRest,
        EventSource::ApiGatewayHttp,
        EventSource::FunctionUrl,
        EventSource::Alb,
        EventSource::AlbMulti,
        EventSource::WebSocket,
        EventSource::AuthorizerToken,
        EventSource::AuthorizerRequest,
        EventSource::AuthorizerHttp,
        EventSource::VpcLattice,
        EventSource::VpcLatticeV2,
        EventSource::S3,
        EventSource::Sqs,
        EventSource::DynamoDbStream,
        EventSource::Sns,
        EventSource::EventBridge,
        EventSource::Kinesis,
        EventSource::Firehose,
        EventSource::CloudWatchLogs,
        EventSource::S3Batch,
        EventSource::S3ObjectLambda,
        EventSource::Kafka,
        EventSource::ActiveMq,
        EventSource::RabbitMq,
        EventSource::Cognito,
        EventSource::CloudFront,
        EventSource::AppSync,
        EventSource::Ses,
        EventSource::Iot,
        EventSource::CloudFormation,
        EventSource::Lex,
        EventSource::Connect,
        EventSource::Config,
        EventSource::IotAuthorizer,
        EventSource::BedrockAgent,
        EventSource::Transfer,
        EventSource::StepFunctions,
        EventSource::Direct,
    ];

    /// Stable kebab-case id, as on the command line and in stored test cases.
    pub const fn id(self) -> &'static str {
        facts::of(self).id
    }

    /// The event source with this id.
    pub fn from_id(id: &str) -> Option<EventSource> {
        EventSource::ALL.into_iter().find(|source| source.id() == id)
    }

    /// Name for people.
    pub const fn title(self) -> &'static str {
        facts::of(self).title
    }

    /// Who sees an error of the function.
    ///
    /// SQS and DynamoDB streams are polled: Lambda's poller invokes synchronously, but whoever
    /// sent the message sees nothing.
    pub const fn delivery(self) -> Delivery {
        facts::of(self).delivery
    }

    /// Member names that occur in events of this source, most distinctive first.
    ///
    /// A function that reads them probably expects this source.
    pub const fn keys(self) -> &'static [&'static str] {
        facts::of(self).keys
    }

    /// The source that sends events of this shape; `Direct` if none does.
    ///
    /// Lenient: people keep abridged events. One member that no other source has is enough.
    pub fn recognize(event: &Value) -> EventSource {
        recognize::recognize(event)
    }
}

#[cfg(test)]
mod tests;
