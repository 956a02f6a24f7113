//! What each source leaves out too, what others name, and what is anything: changes there make another event that is right.

use evfuzz_generators::source::EventSource;

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
pub(super) const OPTIONAL: &[(EventSource, &[&str])] = &[
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
            // Names that the readers of `inputs` know, wherever they are.
            "/Records/*/cf/request/headers/order",
            "/Records/*/cf/request/headers/lines",
            "/Records/*/cf/request/headers/sku",
            "/Records/*/cf/request/headers/note",
            "/Records/*/cf/request/headers/total",
            "/Records/*/cf/request/headers/page",
            "/Records/*/cf/request/headers/x-tenant",
            "/Records/*/cf/request/headers/id",
            "/Records/*/cf/request/headers/state",
            "/Records/*/cf/request/headers/last",
            "/Records/*/cf/request/headers/kind",
            "/Records/*/cf/request/headers/level",
            "/Records/*/cf/request/headers/x-own",
            "/Records/*/cf/request/headers/range",
            "/Records/*/cf/request/headers/configuration",
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
pub(super) const FREE: &[(EventSource, &[&str])] = &[
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
pub(super) const ANYTHING: &[(EventSource, &[&str])] = &[
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
