//! Whether the check would notice a mistake: every member of every kind of event is spoiled in every way.
//!
//! A renderer that forgets a member, writes it in another case, gives it another type, adds one or leaves a
//! derived value stale makes an event as they are made here. Each must be refused. What remains are removals
//! that make another event which AWS sends too: they are listed.

use std::{collections::BTreeSet, io::Write as _};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use evfuzz_generators::source::EventSource;
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use crate::{
    facts::cloudwatch_logs,
    inputs,
    judge::{Bench, JUDGES, Refusals},
    schemas,
    support::skipped,
};

/// Headers that a client need not send.
const CLIENT_HEADERS: &[&str] = &[
    "/headers/accept",
    "/headers/accept-encoding",
    "/headers/accept-language",
    "/headers/authorization",
    "/headers/connection",
    "/headers/content-disposition",
    "/headers/forwarded",
    "/headers/x-context",
    "/headers/x-twice",
    "/headers/x-tenant",
    "/headers/x-voker-probe",
];

/// The same where cookies and the user agent show only once.
const LONE_HEADERS: &[&str] = &[
    "/headers/accept",
    "/headers/accept-encoding",
    "/headers/accept-language",
    "/headers/authorization",
    "/headers/connection",
    "/headers/cookie",
    "/headers/user-agent",
    "/headers/content-disposition",
    "/headers/forwarded",
    "/headers/x-context",
    "/headers/x-twice",
    "/headers/x-tenant",
    "/headers/x-voker-probe",
    "/multiValueHeaders/accept",
    "/multiValueHeaders/accept-encoding",
    "/multiValueHeaders/accept-language",
    "/multiValueHeaders/authorization",
    "/multiValueHeaders/connection",
    "/multiValueHeaders/cookie",
    "/multiValueHeaders/user-agent",
    "/multiValueHeaders/content-disposition",
    "/multiValueHeaders/forwarded",
    "/multiValueHeaders/x-context",
    "/multiValueHeaders/x-twice",
    "/multiValueHeaders/x-tenant",
    "/multiValueHeaders/x-voker-probe",
];

/// Members that AWS leaves out too, in another event; `*` stands for an index.
const OPTIONAL: &[(EventSource, &[&str])] = &[
    (EventSource::FunctionUrl, CLIENT_HEADERS),
    (EventSource::Alb, LONE_HEADERS),
    (EventSource::AlbMulti, LONE_HEADERS),
    (EventSource::VpcLattice, LONE_HEADERS),
    (
        EventSource::VpcLatticeV2,
        &[
            "/headers/*",
            "/requestContext/identity/type",
            "/requestContext/identity/principal",
            "/requestContext/identity/principalOrgID",
            "/requestContext/identity/sessionName",
        ],
    ),
    (EventSource::WebSocket, &["/requestContext/authorizer", "/stageVariables"]),
    (EventSource::AuthorizerToken, &[]),
    (EventSource::AuthorizerRequest, &[]),
    (EventSource::AuthorizerHttp, &["/stageVariables", "/cookies", "/identitySource", "/headers/*"]),
    (EventSource::ApiGatewayRest, &["/requestContext/authorizer"]),
    (
        EventSource::ApiGatewayHttp,
        &[
            "/requestContext/authorizer",
            "/stageVariables",
            "/cookies",
            // Headers that a client need not send.
            "/headers/accept",
            "/headers/accept-encoding",
            "/headers/accept-language",
            "/headers/authorization",
            "/headers/connection",
            "/headers/content-disposition",
            "/headers/forwarded",
            "/headers/x-context",
            "/headers/x-tenant",
            "/headers/x-twice",
            "/headers/x-voker-probe",
        ],
    ),
    // A bucket without versions, and one that no stack has made.
    (EventSource::S3, &["/Records/*/s3/object/versionId", "/Records/*/s3/bucket/awsGeneratedTags"]),
    (EventSource::Sqs, &["/Records/*/attributes/MessageGroupId"]),
    // A delete that nobody but the application made.
    (EventSource::DynamoDbStream, &["/Records/*/userIdentity"]),
    (EventSource::Sns, &[]),
    (EventSource::EventBridge, &["/detail/object/version-id"]),
    (EventSource::Kinesis, &[]),
    (EventSource::Firehose, &[]),
    (EventSource::CloudWatchLogs, &[]),
    (EventSource::S3Batch, &["/job/userArguments"]),
    (EventSource::S3ObjectLambda, &[]),
    (EventSource::Kafka, &["/records/*/*/key"]),
    (EventSource::ActiveMq, &[]),
    (EventSource::RabbitMq, &[]),
    (
        EventSource::Cognito,
        &["/request/clientMetadata", "/request/validationData", "/request/userAttributes/email"],
    ),
    (
        EventSource::CloudFront,
        &[
            // A request without a body, or to a function that does not ask for it.
            "/Records/*/cf/request/body",
            // Headers that a client need not send.
            "/Records/*/cf/request/headers/accept",
            "/Records/*/cf/request/headers/content-type",
            "/Records/*/cf/request/headers/referer",
            "/Records/*/cf/request/headers/user-agent",
        ],
    ),
    (EventSource::AppSync, &[]),
    (EventSource::Ses, &[]),
    (EventSource::CloudFormation, &[]),
    (EventSource::Lex, &["/invocationLabel"]),
    (EventSource::Connect, &[]),
    (EventSource::Config, &[]),
    // Of a device that says all with its name and password.
    (EventSource::IotAuthorizer, &["/token"]),
    (EventSource::BedrockAgent, &["/parameters", "/requestBody"]),
    (EventSource::Transfer, &[]),
];

/// Objects whose members somebody else names: one less or another name makes another event that is right.
const FREE: &[(EventSource, &[&str])] = &[
    (EventSource::FunctionUrl, &[]),
    (EventSource::AuthorizerToken, &[]),
    // Of a query there is only one copy.
    (EventSource::Alb, &["/queryStringParameters"]),
    (EventSource::AlbMulti, &["/multiValueQueryStringParameters"]),
    (EventSource::VpcLattice, &["/query_string_parameters"]),
    (EventSource::VpcLatticeV2, &["/queryStringParameters"]),
    (EventSource::WebSocket, &["/requestContext/authorizer", "/stageVariables"]),
    (EventSource::AuthorizerRequest, &["/stageVariables"]),
    (EventSource::AuthorizerHttp, &["/stageVariables"]),
    (
        EventSource::ApiGatewayRest,
        &["/requestContext/authorizer", "/requestContext/authorizer/claims", "/stageVariables"],
    ),
    (
        EventSource::ApiGatewayHttp,
        &["/requestContext/authorizer/jwt/claims", "/requestContext/authorizer/lambda", "/stageVariables"],
    ),
    (EventSource::S3, &["/Records/*/s3/bucket/awsGeneratedTags"]),
    (EventSource::Sqs, &[]),
    (EventSource::DynamoDbStream, &["/Records/*/dynamodb/NewImage", "/Records/*/dynamodb/OldImage", "M"]),
    (EventSource::Sns, &["/Records/*/Sns/MessageAttributes"]),
    (EventSource::EventBridge, &[]),
    (EventSource::Kinesis, &[]),
    (EventSource::Firehose, &[]),
    (EventSource::CloudWatchLogs, &[]),
    (EventSource::S3Batch, &["/job/userArguments"]),
    (EventSource::S3ObjectLambda, &["/userRequest/headers"]),
    (EventSource::Kafka, &["/records/*/*/headers/*"]),
    (EventSource::ActiveMq, &["/messages/*/properties"]),
    (EventSource::RabbitMq, &["/rmqMessagesByQueue", "/rmqMessagesByQueue/*/*/basicProperties/headers"]),
    (
        EventSource::Cognito,
        &[
            "/request/userAttributes",
            "/request/validationData",
            "/request/clientMetadata",
            "/request/privateChallengeParameters",
        ],
    ),
    (EventSource::CloudFront, &["/Records/*/cf/response/headers"]),
    (EventSource::AppSync, &["/requestHeaders", "/request/headers", "/*/request/headers"]),
    (EventSource::Ses, &[]),
    (EventSource::CloudFormation, &[]),
    (EventSource::Lex, &["/requestAttributes", "/sessionState/sessionAttributes"]),
    (EventSource::Connect, &["/Details/Parameters", "/Details/ContactData/Attributes"]),
    (EventSource::Config, &["/invokingEvent/configurationItem/tags"]),
    // All but the host.
    (EventSource::IotAuthorizer, &[]),
    (EventSource::BedrockAgent, &["/requestBody/content", "/sessionAttributes", "/promptSessionAttributes"]),
    (EventSource::Transfer, &[]),
];

/// Objects that hold any JSON: nothing below one is wrong.
const ANYTHING: &[(EventSource, &[&str])] = &[
    // What a Lambda authorizer of an HTTP API returns.
    (EventSource::ApiGatewayHttp, &["/requestContext/authorizer/lambda"]),
    // An application's own event; what AWS's services say has a shape: see `holds_anything`.
    (EventSource::EventBridge, &["/detail"]),
    // What the function has returned for a window.
    (EventSource::DynamoDbStream, &["/state"]),
    (EventSource::Kinesis, &["/state"]),
    // What a template says.
    (EventSource::CloudFormation, &["/ResourceProperties", "/OldResourceProperties"]),
    // What each type of resource has.
    (
        EventSource::Config,
        &[
            "/invokingEvent/configurationItem/configuration",
            "/invokingEvent/configurationItem/supplementaryConfiguration",
        ],
    ),
    (
        EventSource::AppSync,
        &[
            "/arguments",
            "/source",
            "/stash",
            "/identity/claims",
            "/info/variables",
            "/events/*/payload",
            "/requestContext/variables",
            "/*/arguments",
            "/*/source",
            "/*/stash",
            "/*/identity/claims",
            "/*/info/variables",
        ],
    ),
];

/// Whether `pointer` is at or below a place where any JSON is right.
fn holds_anything(source: EventSource, event: &Value, pointer: &str) -> bool {
    let is_of_aws = event["source"].as_str().is_some_and(|it| it.starts_with("aws."));
    if source == EventSource::EventBridge && is_of_aws {
        return false;
    }
    let mut places = ANYTHING.iter().filter(|(it, _)| *it == source).flat_map(|(_, all)| *all);
    places.any(|place| {
        let head: Vec<&str> = pointer.split('/').take(place.split('/').count()).collect();
        fits(place, &head.join("/"))
    })
}

/// Values that follow from others: another value alone is a mistake.
const DERIVED: &[(EventSource, &[&str])] = &[
    (
        EventSource::FunctionUrl,
        &[
            "/version",
            "/routeKey",
            "/rawPath",
            "/rawQueryString",
            "/queryStringParameters/repeat",
            "/cookies/0",
            "/headers/cookie",
            "/headers/content-length",
            "/headers/host",
            "/headers/x-forwarded-for",
            "/headers/user-agent",
            "/requestContext/accountId",
            "/requestContext/apiId",
            "/requestContext/domainPrefix",
            "/requestContext/stage",
            "/requestContext/time",
            "/requestContext/http/method",
            "/requestContext/http/path",
            "/body",
        ],
    ),
    (EventSource::Alb, &["/httpMethod", "/headers/content-length", "/headers/x-forwarded-port", "/body"]),
    (
        EventSource::AlbMulti,
        &[
            "/httpMethod",
            "/multiValueHeaders/content-length/0",
            "/multiValueHeaders/x-forwarded-proto/0",
            "/body",
        ],
    ),
    (EventSource::VpcLattice, &["/method", "/headers/content-length", "/body"]),
    (
        EventSource::VpcLatticeV2,
        &[
            "/version",
            "/method",
            "/headers/content-length/0",
            "/body",
            "/requestContext/region",
            "/requestContext/timeEpoch",
        ],
    ),
    (
        EventSource::WebSocket,
        &[
            "/requestContext/routeKey",
            "/requestContext/eventType",
            "/requestContext/messageDirection",
            "/requestContext/messageId",
            "/requestContext/requestId",
            "/requestContext/extendedRequestId",
            "/requestContext/connectionId",
            "/requestContext/requestTime",
            "/requestContext/identity/userAgent",
            "/headers/Host",
            "/headers/X-Forwarded-For",
            "/headers/x-voker-probe",
            "/queryStringParameters/repeat",
        ],
    ),
    (EventSource::AuthorizerToken, &["/type"]),
    (
        EventSource::AuthorizerRequest,
        &[
            "/type",
            "/methodArn",
            "/httpMethod",
            "/resource",
            "/path",
            "/headers/Host",
            "/queryStringParameters/repeat",
            "/pathParameters/proxy",
            "/requestContext/path",
            "/requestContext/stage",
        ],
    ),
    (
        EventSource::AuthorizerHttp,
        &[
            "/type",
            "/routeArn",
            "/identitySource/0",
            "/routeKey",
            "/rawPath",
            "/rawQueryString",
            "/queryStringParameters/repeat",
            "/headers/host",
            "/requestContext/http/method",
            "/requestContext/http/path",
        ],
    ),
    (
        EventSource::ApiGatewayRest,
        &[
            "/httpMethod",
            "/resource",
            "/path",
            "/headers/content-type",
            "/headers/Host",
            "/multiValueHeaders/x-voker-probe/1",
            "/queryStringParameters/repeat",
            "/multiValueQueryStringParameters/empty/0",
            "/pathParameters/proxy",
            "/requestContext/path",
            "/requestContext/resourcePath",
            "/requestContext/httpMethod",
            "/requestContext/stage",
            "/requestContext/domainPrefix",
            "/requestContext/requestTime",
            "/requestContext/identity/sourceIp",
            "/requestContext/identity/userAgent",
        ],
    ),
    (
        EventSource::ApiGatewayHttp,
        &[
            "/version",
            "/routeKey",
            "/rawPath",
            "/rawQueryString",
            "/queryStringParameters/repeat",
            "/pathParameters/proxy",
            "/headers/content-length",
            "/headers/host",
            "/headers/x-forwarded-for",
            "/headers/user-agent",
            "/requestContext/routeKey",
            "/requestContext/domainPrefix",
            "/requestContext/time",
            "/requestContext/http/method",
            "/requestContext/http/path",
            "/requestContext/http/userAgent",
            "/body",
        ],
    ),
    (
        EventSource::S3,
        &[
            "/Records/0/eventVersion",
            "/Records/0/eventName",
            "/Records/0/eventSource",
            "/Records/0/eventTime",
            "/Records/0/s3/bucket/arn",
            "/Records/0/s3/bucket/name",
            "/Records/0/s3/object/eTag",
        ],
    ),
    (
        EventSource::Sqs,
        &[
            "/Records/0/body",
            "/Records/0/md5OfBody",
            "/Records/0/md5OfMessageAttributes",
            "/Records/0/messageAttributes/text/stringValue",
            "/Records/0/messageAttributes/text/dataType",
            "/Records/0/messageAttributes/bytes/binaryValue",
            "/Records/0/awsRegion",
            "/Records/0/eventSource",
            "/Records/0/attributes/SentTimestamp",
        ],
    ),
    (
        EventSource::DynamoDbStream,
        &[
            "/Records/0/eventName",
            "/Records/0/eventVersion",
            "/Records/0/awsRegion",
            "/Records/0/dynamodb/StreamViewType",
            "/Records/0/dynamodb/Keys/pk/S",
            "/Records/0/dynamodb/NewImage/b/B",
            "/Records/0/dynamodb/NewImage/s/S",
            "/window/start",
            "/eventSourceARN",
        ],
    ),
    (
        EventSource::Sns,
        &[
            "/Records/0/EventSource",
            "/Records/0/EventVersion",
            "/Records/0/EventSubscriptionArn",
            "/Records/0/Sns/Type",
            "/Records/0/Sns/TopicArn",
            "/Records/0/Sns/MessageId",
            "/Records/0/Sns/Timestamp",
            "/Records/0/Sns/Signature",
            "/Records/0/Sns/SigningCertUrl",
            "/Records/0/Sns/UnsubscribeUrl",
        ],
    ),
    (
        EventSource::EventBridge,
        &[
            "/id",
            "/account",
            "/time",
            "/version",
            "/resources/0",
            "/detail/bucket/name",
            "/detail/requester",
            "/detail/reason",
            "/detail/deletion-type",
            "/detail/object/etag",
            "/detail/request-id",
            "/detail/event-version",
        ],
    ),
    (
        EventSource::Kinesis,
        &[
            "/Records/0/eventID",
            "/Records/0/eventName",
            "/Records/0/awsRegion",
            "/Records/0/kinesis/data",
            "/Records/0/kinesis/sequenceNumber",
            "/Records/0/kinesis/kinesisSchemaVersion",
            "/window/end",
            "/eventSourceARN",
        ],
    ),
    (EventSource::Firehose, &["/invocationId", "/region", "/records/0/data"]),
    (
        EventSource::CloudWatchLogs,
        &["/awslogs/data/messageType", "/awslogs/data/owner", "/awslogs/data/logEvents/0/id"],
    ),
    (EventSource::S3Batch, &["/invocationSchemaVersion", "/job/id"]),
    (
        EventSource::S3ObjectLambda,
        &[
            "/protocolVersion",
            "/userRequest/url",
            "/userRequest/headers/Host",
            "/userIdentity/arn",
            "/userIdentity/principalId",
            "/userIdentity/sessionContext/sessionIssuer/arn",
        ],
    ),
    (EventSource::Kafka, &["/eventSource", "/records/orders-0/0/topic", "/records/orders-0/0/timestampType"]),
    (EventSource::ActiveMq, &["/eventSource", "/messages/0/messageType"]),
    (EventSource::RabbitMq, &["/eventSource", "/rmqMessagesByQueue/orders::~1/0/data"]),
    (EventSource::Cognito, &["/triggerSource", "/version", "/region"]),
    (
        EventSource::CloudFront,
        &[
            "/Records/0/cf/config/eventType",
            "/Records/0/cf/request/method",
            "/Records/0/cf/request/headers/via/0/key",
            "/Records/0/cf/request/headers/host/0/key",
            "/Records/0/cf/request/body/encoding",
        ],
    ),
    (
        EventSource::AppSync,
        &["/identity/sub", "/identity/issuer", "/info/channel/path", "/info/channelNamespace/name"],
    ),
    (
        EventSource::Ses,
        &[
            "/Records/0/eventSource",
            "/Records/0/ses/mail/source",
            "/Records/0/ses/mail/destination/0",
            "/Records/0/ses/mail/commonHeaders/returnPath",
            "/Records/0/ses/mail/commonHeaders/subject",
            "/Records/0/ses/mail/commonHeaders/from/0",
            "/Records/0/ses/mail/commonHeaders/to/0",
            "/Records/0/ses/mail/commonHeaders/date",
            "/Records/0/ses/mail/commonHeaders/messageId",
            "/Records/0/ses/receipt/recipients/0",
            "/Records/0/ses/receipt/spamVerdict/status",
        ],
    ),
    (
        EventSource::CloudFormation,
        &["/RequestType", "/ServiceToken", "/ResponseURL", "/StackId", "/RequestId", "/LogicalResourceId"],
    ),
    (
        EventSource::Lex,
        &[
            "/messageVersion",
            "/invocationSource",
            "/inputMode",
            "/inputTranscript",
            "/interpretations/0/intent/name",
            "/interpretations/0/interpretationSource",
            "/proposedNextState/intent/name",
            "/sessionState/intent/state",
            "/sessionState/originatingRequestId",
            "/sessionState/intent/slots/Name/value/interpretedValue",
            "/transcriptions/0/transcription",
            "/transcriptions/0/resolvedContext/intent",
        ],
    ),
    (
        EventSource::Connect,
        &[
            "/Name",
            "/Details/ContactData/Channel",
            "/Details/ContactData/ContactId",
            "/Details/ContactData/InitiationMethod",
            "/Details/ContactData/CustomerEndpoint/Type",
            "/Details/ContactData/InstanceARN",
            "/Details/ContactData/Queue/ARN",
        ],
    ),
    (
        EventSource::Config,
        &[
            "/version",
            "/configRuleId",
            "/configRuleArn",
            "/accountId",
            "/ruleParameters",
            "/invokingEvent/messageType",
            "/invokingEvent/notificationCreationTime",
            "/invokingEvent/configurationItem/ARN",
            "/invokingEvent/configurationItem/resourceId",
            "/invokingEvent/configurationItem/awsRegion",
        ],
    ),
    (
        EventSource::IotAuthorizer,
        &[
            "/protocols/0",
            "/protocolData/tls/serverName",
            "/protocolData/http/headers/Host",
            "/protocolData/mqtt/password",
            "/connectionMetadata/id",
        ],
    ),
    (EventSource::BedrockAgent, &["/messageVersion", "/httpMethod", "/parameters/0/type"]),
    (EventSource::Transfer, &["/protocol", "/serverId"]),
];

/// Values that look right and that AWS never sends.
const WRONG: &[(EventSource, &str, &str)] = &[
    (EventSource::FunctionUrl, "/rawPath", r#""/capture/space value""#),
    (EventSource::FunctionUrl, "/requestContext/http/path", r#""/capture/space%20value""#),
    (
        EventSource::FunctionUrl,
        "/requestContext/authorizer",
        r#"{ "jwt": { "claims": {}, "scopes": null } }"#,
    ),
    (EventSource::FunctionUrl, "/requestContext/domainName", r#""IP""#),
    (EventSource::Alb, "/path", r#""/capture/space value""#),
    (EventSource::Alb, "/queryStringParameters/encodedPlus", r#""a b""#),
    (EventSource::Alb, "/queryStringParameters", "null"),
    (EventSource::Alb, "/headers/accept", r#""a\nb""#),
    (EventSource::Alb, "/headers/x-forwarded-for", r#""IP""#),
    (EventSource::Alb, "/isBase64Encoded", "true"),
    (EventSource::Alb, "/body", "null"),
    (EventSource::AlbMulti, "/multiValueQueryStringParameters/encodedPlus", r#"["a b"]"#),
    (EventSource::AlbMulti, "/multiValueHeaders/accept", "[]"),
    (EventSource::AlbMulti, "/isBase64Encoded", "true"),
    (EventSource::VpcLattice, "/raw_path", r#""/capture/space value""#),
    (EventSource::VpcLattice, "/is_base64_encoded", "true"),
    (EventSource::VpcLatticeV2, "/path", r#""/capture/space value""#),
    (EventSource::VpcLatticeV2, "/requestContext/timeEpoch", r#""1772600767""#),
    (EventSource::WebSocket, "/body", r#""""#),
    (EventSource::WebSocket, "/isBase64Encoded", "true"),
    (EventSource::WebSocket, "/requestContext/connectedAt", "1999999999999"),
    (EventSource::AuthorizerToken, "/authorizationToken", r#""""#),
    (EventSource::AuthorizerToken, "/authorizationToken", r#""a\nb""#),
    (EventSource::AuthorizerToken, "/methodArn", r#""GET /""#),
    (EventSource::AuthorizerRequest, "/queryStringParameters", "null"),
    (EventSource::AuthorizerRequest, "/path", r#""/capture/space value""#),
    (EventSource::AuthorizerHttp, "/identitySource", "[]"),
    (EventSource::AuthorizerHttp, "/rawPath", r#""capture""#),
    (EventSource::ApiGatewayRest, "/path", r#""/capture/space value""#),
    (EventSource::ApiGatewayRest, "/requestContext/identity/sourceIp", r#""IP""#),
    (EventSource::ApiGatewayRest, "/queryStringParameters", "{}"),
    (EventSource::ApiGatewayRest, "/multiValueHeaders/Accept/0", r#""a\r\nb: c""#),
    (EventSource::ApiGatewayRest, "/requestContext/authorizer", r#"{ "jwt": { "claims": {} } }"#),
    (EventSource::ApiGatewayHttp, "/rawPath", r#""capture""#),
    (EventSource::ApiGatewayHttp, "/requestContext/http/sourceIp", r#""192.168.0.1/32""#),
    (EventSource::ApiGatewayHttp, "/cookies", "[]"),
    (EventSource::ApiGatewayHttp, "/cookies/0", r#""a=b; c=d""#),
    (EventSource::ApiGatewayHttp, "/isBase64Encoded", "true"),
    (EventSource::ApiGatewayHttp, "/headers/accept", r#""a\nb""#),
    (EventSource::ApiGatewayHttp, "/requestContext/authorizer", r#"{ "claims": { "sub": "a" } }"#),
    (EventSource::S3, "/Records/0/eventVersion", r#""2.0""#),
    (EventSource::S3, "/Records/0/eventName", r#""s3:ObjectCreated:Put""#),
    (EventSource::S3, "/Records/0/s3/object/key", r#""a b""#),
    (EventSource::S3, "/Records/0/s3/object/key", r#""a;id""#),
    (EventSource::S3, "/Records/0/s3/object/sequencer", r#""next""#),
    (EventSource::S3, "/Records/0/userIdentity/principalId", r#""AWS:AROAX:a b""#),
    (EventSource::S3, "/Records/0/requestParameters/sourceIPAddress", r#""IP""#),
    (EventSource::S3, "/Records/0/eventVersion", r#""2.1""#),
    (EventSource::S3, "/Records/0/eventName", r#""ObjectRemoved:Delete""#),
    (EventSource::S3, "/Records/0/glacierEventData", "{}"),
    (EventSource::S3, "/Records", "[]"),
    (EventSource::Sns, "/Records/0/Sns/Subject", r#""two\nlines""#),
    (EventSource::Sns, "/Records/0/Sns/Message", r#""""#),
    (EventSource::Sns, "/Records/0/Sns/SignatureVersion", r#""3""#),
    (EventSource::Sns, "/Records", "[]"),
    (EventSource::EventBridge, "/source", r#""aws.ec2""#),
    (EventSource::EventBridge, "/detail-type", r#""""#),
    (EventSource::EventBridge, "/detail/source-ip-address", r#""IP""#),
    (EventSource::EventBridge, "/detail/reason", r#""PutObject""#),
    (EventSource::EventBridge, "/detail/object/sequencer", r#""next""#),
    (EventSource::EventBridge, "/detail/deletion-type", r#""Delete Marker Created""#),
    (EventSource::Kinesis, "/Records/0/kinesis/data", r#""not base64""#),
    (EventSource::Kinesis, "/Records/0/kinesis/partitionKey", r#""""#),
    (EventSource::Kinesis, "/Records/0/kinesis/approximateArrivalTimestamp", "1772600767890"),
    (EventSource::Kinesis, "/Records", "[]"),
    (EventSource::Firehose, "/records/0/data", r#""not base64""#),
    (EventSource::Firehose, "/records/0/approximateArrivalTimestamp", "1772600767"),
    (EventSource::Firehose, "/records", "[]"),
    (EventSource::CloudWatchLogs, "/awslogs/data/messageType", r#""CONTROL_MESSAGE""#),
    (EventSource::CloudWatchLogs, "/awslogs/data/logEvents/0/timestamp", "1772600767"),
    (EventSource::CloudWatchLogs, "/awslogs/data/logEvents/0/message", r#""""#),
    (EventSource::CloudWatchLogs, "/awslogs/data/logEvents", "[]"),
    (EventSource::S3Batch, "/tasks/0/s3Key", r#""a b""#),
    (EventSource::S3Batch, "/tasks/0/s3Key", r#""a;id""#),
    (EventSource::S3Batch, "/invocationSchemaVersion", r#""3.0""#),
    (EventSource::S3Batch, "/tasks", "[]"),
    (
        EventSource::S3ObjectLambda,
        "/getObjectContext/inputS3Url",
        r#""https://app-123456789012.s3-accesspoint.us-east-1.amazonaws.com/other?X-Amz-Security-Token=A""#,
    ),
    (EventSource::S3ObjectLambda, "/userRequest/url", r#""https://example.com/a""#),
    (EventSource::S3ObjectLambda, "/userRequest/headers/User-Agent", r#""a\r\nb: c""#),
    (EventSource::S3ObjectLambda, "/userIdentity/sessionContext/attributes/mfaAuthenticated", r#""no""#),
    (EventSource::Sqs, "/Records/0/body", r#""""#),
    (EventSource::Sqs, "/Records/0/attributes/ApproximateReceiveCount", r#""0""#),
    (EventSource::Sqs, "/Records/0/attributes/SentTimestamp", r#""1772600767""#),
    (EventSource::Sqs, "/Records/0/attributes/SenderId", r#""AROAX:$(x)""#),
    (EventSource::Sqs, "/Records/0/attributes/MessageGroupId", r#""a b""#),
    (EventSource::Sqs, "/Records", "[]"),
    (EventSource::DynamoDbStream, "/Records/0/eventName", r#""REMOVE""#),
    (EventSource::DynamoDbStream, "/Records/0/dynamodb/SequenceNumber", r#""222""#),
    (EventSource::DynamoDbStream, "/Records/0/dynamodb/SizeBytes", "1"),
    (EventSource::DynamoDbStream, "/Records/0/dynamodb/NewImage/n/N", r#""0-1.5""#),
    (EventSource::DynamoDbStream, "/Records/0/dynamodb/NewImage/ss/SS", r#"["a","a"]"#),
    (EventSource::DynamoDbStream, "/Records/0/dynamodb/NewImage/null/NULL", "false"),
    (EventSource::DynamoDbStream, "/Records/0/dynamodb/NewImage/n", r#"{ "N": "1", "S": "1" }"#),
    (EventSource::DynamoDbStream, "/Records", "[]"),
    (EventSource::Kafka, "/records/orders-0/0/headers/0/kind", "[195, 164]"),
    (EventSource::Kafka, "/records/orders-0/0/headers/0/kind", r#""word""#),
    (EventSource::Kafka, "/records/orders-0/0/value", r#""not base64""#),
    (EventSource::Kafka, "/records/orders-0", "[]"),
    (EventSource::ActiveMq, "/messages/0/data", r#""not base64""#),
    (EventSource::ActiveMq, "/messages/0/properties/kind", "[119]"),
    (EventSource::RabbitMq, "/rmqMessagesByQueue/orders::~1/0/basicProperties/headers/kind", r#""word""#),
    (EventSource::RabbitMq, "/rmqMessagesByQueue/orders::~1/0/basicProperties/bodySize", "1"),
    (EventSource::Cognito, "/userName", r#""two words""#),
    (EventSource::Cognito, "/request/userAttributes/email", r#""$(id)@example.com""#),
    (EventSource::Cognito, "/request/clientMetadata/kind", "1"),
    (EventSource::Cognito, "/response", "{}"),
    (EventSource::CloudFront, "/Records/0/cf/request/uri", r#""/a b""#),
    (EventSource::CloudFront, "/Records/0/cf/request/uri", r#""word""#),
    (EventSource::CloudFront, "/Records/0/cf/request/clientIp", r#""IP""#),
    (EventSource::CloudFront, "/Records/0/cf/request/headers/x-forwarded-for/0/value", r#""198.51.100.1""#),
    (EventSource::CloudFront, "/Records/0/cf/request/querystring", r#""a=b c""#),
    (EventSource::CloudFront, "/Records/0/cf/request/headers/host/0/value", r#""a\r\nb: c""#),
    (EventSource::CloudFront, "/Records/0/cf/request/body/inputTruncated", "true"),
    (EventSource::AppSync, "/request/headers/user-agent", r#""a\nb""#),
    (EventSource::AppSync, "/identity/sourceIp/0", r#""IP""#),
    (EventSource::Ses, "/Records/0/ses/mail/headers/4/value", r#""two\nlines""#),
    (EventSource::Ses, "/Records/0/ses/mail/commonHeaders/from/0", r#""$(id)@example.com""#),
    (EventSource::Ses, "/Records", "[]"),
    (EventSource::CloudFormation, "/ResourceProperties", r#"{ "ServiceToken": "a", "Name": "b" }"#),
    (EventSource::CloudFormation, "/PhysicalResourceId", r#""""#),
    (EventSource::Lex, "/inputTranscript", r#""""#),
    (EventSource::Lex, "/interpretations", "[]"),
    (EventSource::Connect, "/Details/ContactData/CustomerEndpoint/Address", r#""customer""#),
    (EventSource::Connect, "/Details/ContactData/Attributes", r#"{ "two words": "a" }"#),
    (EventSource::Config, "/ruleParameters", r#""{""#),
    (EventSource::Config, "/invokingEvent/configurationItem/tags", r#"{ "a": 1 }"#),
    (EventSource::IotAuthorizer, "/protocols", r#"["tls"]"#),
    (EventSource::IotAuthorizer, "/protocolData/http/queryString", r#""a=b""#),
    (EventSource::IotAuthorizer, "/protocolData/mqtt/username", r#""a\u0000b""#),
    (EventSource::BedrockAgent, "/apiPath", r#""orders""#),
    (EventSource::BedrockAgent, "/inputText", r#""""#),
    (EventSource::Transfer, "/username", r#""ab""#),
    (EventSource::Transfer, "/username", r#""$(id)""#),
    (EventSource::Transfer, "/sourceIp", r#""IP""#),
];

struct Mistake {
    /// What was done, with indices as they are.
    what: String,
    event: Value,
}

fn listed<'a>(table: &[(EventSource, &'a [&'a str])], source: EventSource) -> &'a [&'a str] {
    let found = table.iter().find(|(it, _)| *it == source);
    found.unwrap_or_else(|| panic!("list what {} leaves out and derives", source.id())).1
}

/// Every object of the event: its pointer and its member names.
fn objects(value: &Value, pointer: &str, found: &mut Vec<(String, Vec<String>)>) {
    match value {
        Value::Object(members) => {
            found.push((pointer.to_owned(), members.keys().cloned().collect()));
            for (name, member) in members {
                objects(member, &below(pointer, name), found);
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                objects(element, &format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
}

fn below(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// A value of another type that says the same as far as it can.
fn of_another_type(value: &Value) -> Value {
    match value {
        Value::Null => json!(0),
        Value::Bool(it) => json!(it.to_string()),
        Value::Number(it) => json!(it.to_string()),
        Value::String(it) => it.parse::<i64>().map_or(json!([it]), |it| json!(it)),
        Value::Array(it) => it.first().cloned().unwrap_or_else(|| json!({})),
        Value::Object(_) => json!("{}"),
    }
}

/// The name with its first letter in the other case.
fn in_another_case(name: &str) -> Option<String> {
    let index = name.find(|it: char| it.is_ascii_alphabetic())?;
    let mut other = name.to_owned();
    let letter = &mut other[index..=index];
    match letter.as_bytes()[0].is_ascii_lowercase() {
        true => letter.make_ascii_uppercase(),
        false => letter.make_ascii_lowercase(),
    }
    Some(other)
}

/// An event whose compressed or quoted content can be spoiled member by member.
fn unpacked(mut event: Value) -> Value {
    if let Some(happened) = event.pointer_mut("/invokingEvent")
        && let Some(inner) = happened.as_str().and_then(|it| serde_json::from_str(it).ok())
    {
        *happened = inner;
    }
    let data = event.pointer_mut("/awslogs/data");
    if let Some((data, inner)) =
        data.and_then(|it| cloudwatch_logs::unpack(it.as_str()?).map(|inner| (it, inner)))
    {
        *data = inner;
    }
    event
}

/// Undoes [`unpacked`].
fn packed(mut event: Value) -> Value {
    if let Some(happened) = event.pointer_mut("/invokingEvent").filter(|it| it.is_object()) {
        *happened = Value::String(happened.to_string());
    }
    if let Some(data) = event.pointer_mut("/awslogs/data").filter(|it| it.is_object()) {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(data.to_string().as_bytes()).unwrap();
        *data = Value::String(BASE64_STANDARD.encode(packed.finish().unwrap()));
    }
    event
}

/// The mistakes in `event` that are not in `seen` yet: seeds differ in few members.
fn mistakes(source: EventSource, event: &Value, seen: &mut BTreeSet<String>) -> Vec<Mistake> {
    let event = &unpacked(event.clone());
    let mut made = Vec::new();
    let mut found = Vec::new();
    objects(event, "", &mut found);
    let mut spoil = |pointer: &str, what: String, spoil: &dyn Fn(&mut Value)| {
        if event.pointer(pointer).is_some() && seen.insert(what.clone()) {
            let mut event = event.clone();
            spoil(event.pointer_mut(pointer).expect("it is there"));
            made.push(Mistake { what, event: packed(event) });
        }
    };
    for (pointer, names) in found {
        let any = holds_anything(source, event, &pointer);
        if !any {
            spoil(&pointer, format!("{pointer}: one more member"), &|it| {
                it["unexpected"] = json!(true);
            });
        }
        let last = pointer.rsplit('/').next().unwrap_or_default();
        let free = any || listed(FREE, source).iter().any(|it| fits(it, &pointer) || *it == last);
        for name in names {
            let place = below(&pointer, &name);
            let optional = free || listed(OPTIONAL, source).iter().any(|it| fits(it, &place));
            if !optional {
                spoil(&pointer, format!("{place}: missing"), &|it| drop(take(it, &name)));
            }
            if let Some(other) = in_another_case(&name).filter(|_| !free) {
                spoil(&pointer, format!("{place}: written {other}"), &|it| {
                    it[&other] = take(it, &name);
                });
            }
            if !any {
                spoil(&place, format!("{place}: another type"), &|it| *it = of_another_type(it));
            }
        }
    }
    for pointer in listed(DERIVED, source) {
        // Null says that there is none, which is right for such an event.
        if event.pointer(pointer).is_some_and(Value::is_string) {
            spoil(pointer, format!("{pointer}: stale"), &|it| {
                *it = json!(format!("{}9", it.as_str().unwrap_or_default()));
            });
        }
    }
    for (_, pointer, value) in WRONG.iter().filter(|(it, ..)| *it == source) {
        let value: Value = serde_json::from_str(value).unwrap();
        if event.pointer(pointer) != Some(&value) {
            spoil(pointer, format!("{pointer}: {value}"), &|it| it.clone_from(&value));
        }
    }
    made
}

fn take(object: &mut Value, name: &str) -> Value {
    object.as_object_mut().and_then(|it| it.shift_remove(name)).expect("it was found there")
}

/// Whether `place` is what `pattern` says: `*` stands for one step.
fn fits(pattern: &str, place: &str) -> bool {
    let (pattern, place): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), place.split('/').collect());
    pattern.len() == place.len() && pattern.iter().zip(&place).all(|(it, step)| *it == "*" || it == step)
}

#[test]
fn every_deliberate_mistake_is_refused() {
    let mut bench = match Bench::start() {
        Ok(bench) => bench,
        Err(reason) => return skipped(&reason),
    };
    let mut refusals = Refusals::load();
    let mut passed = Vec::new();
    // Any object is an event of the other two, so nothing in it is a mistake.
    let any = [EventSource::Iot, EventSource::StepFunctions];
    for source in schemas::sources().into_iter().filter(|it| !any.contains(it)) {
        let mut seen = BTreeSet::new();
        let mut all = Vec::new();
        for event in inputs::unmutated(source) {
            all.extend(mistakes(source, &event, &mut seen));
        }
        for pointer in listed(DERIVED, source) {
            assert!(seen.contains(&format!("{pointer}: stale")), "no event of {} has {pointer}", source.id());
        }
        for (_, pointer, _) in WRONG.iter().filter(|(it, ..)| *it == source) {
            let there = seen.iter().any(|it| it.starts_with(&format!("{pointer}: ")));
            assert!(there, "no event of {} has {pointer}", source.id());
        }
        let events: Vec<Value> = all.iter().map(|it| it.event.clone()).collect();
        let judgments = bench.judge(source, &events);
        let mut alone = [0; 4];
        for (mistake, judgment) in all.iter().zip(&judgments) {
            for (judge, count) in alone.iter_mut().take(JUDGES.len()).enumerate() {
                *count += usize::from(judgment.unlisted(source, judge, &mut refusals).next().is_some());
            }
            alone[3] += usize::from(!judgment.facts.is_empty());
            if judgment.complaints(source, &mut refusals).is_empty() {
                passed.push(format!("{} {}", source.id(), mistake.what));
            }
        }
        println!(
            "{:12} {:5} mistakes; noticed by Rust {}, pydantic {}, zod {}, facts {}",
            source.id(),
            all.len(),
            alone[0],
            alone[1],
            alone[2],
            alone[3]
        );
        // Not every library has a model of every source.
        let has_model =
            |judge: usize| judgments.iter().any(|it| it.reasons.get(judge).is_none_or(Option::is_some));
        let idle = (0..alone.len()).filter(|it| alone[*it] == 0 && has_model(*it));
        assert_eq!(idle.count(), 0, "a judge of {} notices nothing: {alone:?}", source.id());
    }
    assert!(passed.is_empty(), "{} mistakes are not noticed:\n{}", passed.len(), passed.join("\n"));
}
