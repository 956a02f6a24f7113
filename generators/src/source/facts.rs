//! What is fixed about each event source: its id, its name for people, who sees an error, and the member names of its events.

use super::{Delivery, EventSource};

/// The facts about one source.
pub(super) struct Facts {
    /// Stable kebab-case id.
    pub(super) id: &'static str,
    /// Name for people.
    pub(super) title: &'static str,
    pub(super) delivery: Delivery,
    /// Member names of its events, most distinctive first. Ordinary words stay out where no chain of reads shows what they are.
    pub(super) keys: &'static [&'static str],
}

pub(super) const fn of(source: EventSource) -> &'static Facts {
    match source {
        EventSource::ApiGatewayRest => &Facts {
            id: "apigw-rest",
            title: "API Gateway REST",
            delivery: Delivery::Synchronous,
            keys: &[
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
        },
        EventSource::ApiGatewayHttp => &Facts {
            id: "apigw-http",
            title: "API Gateway HTTP",
            delivery: Delivery::Synchronous,
            keys: &[
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
        },
        EventSource::FunctionUrl => &Facts {
            id: "function-url",
            title: "function URL",
            delivery: Delivery::Synchronous,
            keys: &["lambda-url", "x-amzn-tls-cipher-suite", "x-amzn-tls-version"],
        },
        EventSource::Alb => &Facts {
            id: "alb",
            title: "Application Load Balancer",
            delivery: Delivery::Synchronous,
            keys: &["elb", "statusDescription", "ELB-HealthChecker/2.0"],
        },
        EventSource::AlbMulti => &Facts {
            id: "alb-multi",
            title: "Application Load Balancer (multi-value)",
            delivery: Delivery::Synchronous,
            keys: &["elb", "statusDescription", "ELB-HealthChecker/2.0"],
        },
        EventSource::WebSocket => &Facts {
            id: "apigw-websocket",
            title: "API Gateway WebSocket",
            delivery: Delivery::Synchronous,
            keys: &[
                "$connect",
                "$disconnect",
                "connectionId",
                "connectedAt",
                "messageDirection",
                "disconnectReason",
                "disconnectStatusCode",
            ],
        },
        EventSource::AuthorizerToken => &Facts {
            id: "authorizer-token",
            title: "Lambda authorizer (token)",
            delivery: Delivery::Synchronous,
            keys: &["authorizationToken"],
        },
        EventSource::AuthorizerRequest => &Facts {
            id: "authorizer-request",
            title: "Lambda authorizer (request)",
            delivery: Delivery::Synchronous,
            keys: &["methodArn"],
        },
        EventSource::AuthorizerHttp => &Facts {
            id: "authorizer-http",
            title: "Lambda authorizer (HTTP API)",
            delivery: Delivery::Synchronous,
            keys: &["routeArn", "identitySource"],
        },
        EventSource::VpcLattice => &Facts {
            id: "vpc-lattice",
            title: "VPC Lattice",
            delivery: Delivery::Synchronous,
            keys: &["raw_path", "query_string_parameters", "is_base64_encoded"],
        },
        EventSource::VpcLatticeV2 => &Facts {
            id: "vpc-lattice-v2",
            title: "VPC Lattice (version 2)",
            delivery: Delivery::Synchronous,
            keys: &["serviceNetworkArn", "serviceArn", "sourceVpcArn"],
        },
        EventSource::S3 => &Facts {
            id: "s3",
            title: "S3",
            delivery: Delivery::Asynchronous,
            keys: &[
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
        },
        EventSource::Sqs => &Facts {
            id: "sqs",
            title: "SQS",
            delivery: Delivery::Asynchronous,
            keys: &[
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
        },
        EventSource::DynamoDbStream => &Facts {
            id: "dynamodb",
            title: "DynamoDB stream",
            delivery: Delivery::Asynchronous,
            keys: &[
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
        },
        EventSource::Sns => &Facts {
            id: "sns",
            title: "SNS",
            delivery: Delivery::Asynchronous,
            keys: &["Sns", "TopicArn", "EventSubscriptionArn", "UnsubscribeUrl"],
        },
        EventSource::EventBridge => &Facts {
            id: "eventbridge",
            title: "EventBridge",
            delivery: Delivery::Asynchronous,
            keys: &["detail-type", "detail", "resources"],
        },
        EventSource::Kinesis => &Facts {
            id: "kinesis",
            title: "Kinesis",
            delivery: Delivery::Asynchronous,
            keys: &["kinesis", "partitionKey", "kinesisSchemaVersion", "approximateArrivalTimestamp"],
        },
        EventSource::Firehose => &Facts {
            id: "firehose",
            title: "Firehose",
            delivery: Delivery::Synchronous,
            keys: &["recordId", "deliveryStreamArn", "invocationId"],
        },
        EventSource::CloudWatchLogs => &Facts {
            id: "cloudwatch-logs",
            title: "CloudWatch Logs",
            delivery: Delivery::Asynchronous,
            keys: &["awslogs", "logEvents", "logGroup", "logStream"],
        },
        EventSource::Direct => {
            &Facts { id: "direct", title: "direct invocation", delivery: Delivery::Synchronous, keys: &[] }
        }
    }
}
