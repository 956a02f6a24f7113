//! Words that belong to AWS, to a language or to a library, and so name no data of a function.
//!
//! Member names: those of the events in the AWS Lambda Developer Guide, written down from memory
//! and not yet checked against it. A name that is missing here costs a few test cases, because it
//! is then taken for one of the function's own; one too many hides a name of the function.

/// Top-level and inner member names of AWS events that hold whatever the sender wants: what is
/// read below them is a name of the function.
#[rustfmt::skip]
const CONTAINERS: &[&str] = &[
    "body", "queryStringParameters", "multiValueQueryStringParameters", "pathParameters",
    "headers", "multiValueHeaders", "stageVariables", "cookies", "messageAttributes",
    "MessageAttributes", "Message", "detail", "NewImage", "OldImage", "Keys", "arguments",
    "claims", "lambda", "authorizer", "userAttributes", "clientMetadata", "validationData",
    "sessionAttributes", "slots", "data", "input", "payload", "customData", "userMetadata",
    "context", "fields", "query_string_parameters",
];

/// Member names that only an AWS event has.
#[rustfmt::skip]
const AWS: &[&str] = &[
    "Records", "queryStringParameters", "multiValueQueryStringParameters", "pathParameters",
    "multiValueHeaders", "stageVariables", "httpMethod", "isBase64Encoded", "requestContext",
    "resourcePath", "rawPath", "rawQueryString", "routeKey", "requestId", "requestTimeEpoch",
    "requestTime", "extendedRequestId", "accountId", "apiId", "domainName", "domainPrefix",
    "sourceIp", "userAgent", "timeEpoch", "connectionId", "connectedAt", "eventType",
    "messageDirection", "disconnectReason", "targetGroupArn", "elb", "eventSource",
    "eventVersion", "eventTime", "eventName", "eventSourceARN", "eventID", "awsRegion",
    "userIdentity", "principalId", "requestParameters", "sourceIPAddress", "responseElements",
    "s3SchemaVersion", "configurationId", "ownerIdentity", "sequencer", "eTag", "versionId",
    "messageId", "receiptHandle", "ApproximateReceiveCount", "SentTimestamp", "SenderId",
    "MessageGroupId", "MessageDeduplicationId", "SequenceNumber",
    "ApproximateFirstReceiveTimestamp", "md5OfBody", "md5OfMessageAttributes", "stringValue",
    "binaryValue", "stringListValues", "binaryListValues", "dataType", "EventSource",
    "EventVersion", "EventSubscriptionArn", "SignatureVersion", "SigningCertUrl",
    "SigningCertURL", "UnsubscribeUrl", "UnsubscribeURL", "MessageId", "TopicArn",
    "MessageAttributes", "messageAttributes", "NewImage", "OldImage", "SizeBytes",
    "StreamViewType", "ApproximateCreationDateTime", "dynamodb", "kinesis", "partitionKey",
    "kinesisSchemaVersion", "sequenceNumber", "approximateArrivalTimestamp",
    "invokeIdentityArn", "awslogs", "logGroup", "logStream", "logEvents", "subscriptionFilters",
    "messageType", "detail-type", "triggerSource", "userPoolId", "userName", "callerContext",
    "awsSdkVersion", "clientId", "userAttributes", "clientMetadata", "authorizationToken",
    "methodArn", "identitySource", "routeArn", "responsePayload", "requestPayload",
    "functionArn", "approximateInvokeCount", "invocationSchemaVersion", "s3BucketArn", "s3Key",
    "invocationId", "deliveryStreamArn", "recordId", "bootstrapServers", "eventSourceArn",
    "topic", "sessionState", "invocationSource", "inputTranscript", "proposedNextState", "bot",
    "mail", "receipt", "commonHeaders", "messageHeader", "fieldName", "parentTypeName",
    "raw_path", "query_string_parameters", "is_base64_encoded", "serviceNetworkArn", "serviceArn",
    "sourceVpcArn", "disconnectStatusCode", "selectionSetList", "httpProtocol", "jwt", "authorizer", "bucket", "Sns", "ses", "s3",
    "getObjectContext", "headObjectContext", "listObjectsContext", "listObjectsV2Context", "userRequest",
    "outputRoute", "outputToken", "inputS3Url", "xAmzRequestId", "protocolVersion", "sessionContext",
    "rmqMessagesByQueue", "basicProperties", "deliveryMode", "correlationId", "bodySize", "redelivered",
    "timestampType", "physicalName", "brokerInTime", "brokerOutTime", "messageID", "correlationID",
    "isFinalInvokeForWindow", "isWindowTerminatedEarly", "shardId", "treatMissingKeysAs", "userArguments",
    "s3VersionId", "codeParameter", "usernameParameter", "linkParameter", "challengeName", "challengeAnswer",
    "privateChallengeParameters", "publicChallengeParameters", "groupConfiguration", "groupsToOverride",
    "autoConfirmUser", "autoVerifyEmail", "autoVerifyPhone", "distributionDomainName", "distributionId",
    "inputTruncated", "clientIp", "spamVerdict", "virusVerdict", "spfVerdict", "dkimVerdict", "dmarcVerdict",
    "headersTruncated", "TaskToken", "taskToken", "EnteredTime", "StateMachine", "channelNamespace",
    "selectionSetGraphQL", "resolverContext", "deniedFields", "isAuthorized", "ttlOverride", "searchParams",
];

/// Member names of AWS events that are ordinary words too: AWS vocabulary only at their place in
/// an event, that is under another AWS member name that is no container.
#[rustfmt::skip]
const ORDINARY: &[&str] = &[
    "name", "arn", "object", "key", "size", "method", "path", "protocol", "stage", "time",
    "http", "body", "headers", "cookies", "version", "id", "source", "account", "region",
    "resources", "resource", "detail", "type", "Type", "Subject", "Timestamp", "Signature",
    "Message", "Value", "attributes", "identity", "data", "timestamp", "message", "request",
    "response", "records", "Keys", "arguments", "info", "context", "prev", "authentication",
    "job", "tasks", "taskId", "action", "sessionId", "sessionAttributes", "slots", "intent",
    "partition", "offset", "value", "N", "S", "M", "L", "B", "BOOL", "SS", "NS", "BS", "NULL",
    "owner", "claims", "scopes", "lambda", "iam", "user", "domain", "prefix", "tags", "host",
    "port", "address", "from", "to", "url",
];

/// AWS member names of an object that a sender fills with names of their own.
#[rustfmt::skip]
const WRAPPERS: &[&str] = &[
    "S", "N", "M", "L", "B", "BOOL", "SS", "NS", "BS", "NULL", "stringValue", "binaryValue",
    "dataType", "StringValue", "BinaryValue", "DataType", "Value", "Type", "length",
];

/// Names that stand at the top of an AWS event although they are ordinary words.
#[rustfmt::skip]
const TOP: &[&str] = &[
    "body", "headers", "cookies", "version", "resource", "path", "id", "source", "account",
    "time", "region", "resources", "detail", "type", "request", "response", "arguments",
    "identity", "info", "records", "job", "prev", "tasks",
];

/// Members, functions and words of Python, JavaScript, their libraries and the AWS SDKs.
#[rustfmt::skip]
const LIBRARY: &[&str] = &[
    // Both languages.
    "append", "args", "async", "await", "break", "catch", "class", "close", "code", "console",
    "const", "constructor", "continue", "copy", "count", "debug", "def", "default", "delete",
    "elif", "else", "encode", "end", "environ", "env", "err", "error", "except", "exec", "exit",
    "export", "exports", "extend", "extends", "false", "False", "filter", "finally", "find",
    "for", "format", "from", "function", "get", "global", "hex", "if", "import", "in", "index",
    "info", "input", "insert", "instanceof", "is", "isinstance", "items", "join", "json",
    "keys", "lambda", "len", "length", "let", "list", "log", "logger", "lower", "main", "map",
    "match", "math", "max", "message", "min", "module", "name", "new", "next", "None", "not",
    "null", "object", "of", "open", "or", "and", "os", "parse", "pass", "pop", "print",
    "process", "prototype", "push", "raise", "random", "range", "read", "readline", "remove",
    "replace", "require", "return", "reverse", "round", "run", "search", "self", "set", "shift",
    "slice", "sort", "split", "splice", "stack", "start", "state", "static", "statusCode",
    "stderr", "stdin", "stdout", "str", "string", "strip", "sum", "super", "switch", "sys",
    "test", "text", "then", "this", "throw", "time", "toString", "trim", "true", "True", "try",
    "type", "typeof", "undefined", "update", "upper", "url", "utf8", "utf-8", "values", "var",
    "void", "warn", "warning", "while", "with", "write", "yield", "event", "context",
    "callback", "handler", "lambda_handler", "status", "headers", "body", "statusText", "data",
    "request", "response", "req", "res", "result", "results",
    // JavaScript.
    "Array", "Buffer", "Date", "Error", "JSON", "Math", "Number", "Object", "Promise", "RegExp",
    "Set", "String", "all", "apply", "assign", "base64", "basename", "bind", "byteLength",
    "call", "ceil", "charAt", "charCodeAt", "child_process", "concat", "content-type",
    "Content-Type", "createHash", "createElement", "crypto", "decodeURIComponent",
    "defineProperty", "dirname", "done", "emit", "encodeURIComponent", "endsWith", "entries",
    "enumerable", "every", "execFile", "execFileSync", "execSync", "existsSync", "exitCode",
    "extname", "fill", "flat", "flatMap", "floor", "forEach", "freeze", "fromEntries", "fs",
    "getTime", "hasOwnProperty", "http", "https", "includes", "indexOf", "isArray", "isInteger",
    "isNaN", "lastIndexOf", "listen", "localeCompare", "mkdirSync", "normalize", "now", "on",
    "once", "padEnd", "padStart", "path", "pipe", "promises", "promisify", "readFile",
    "readFileSync", "reduce", "reject", "repeat", "resolve", "send", "setPrototypeOf", "some",
    "spawn", "spawnSync", "startsWith", "stringify", "sub", "substr", "substring", "toFixed",
    "toISOString", "toLowerCase", "toUpperCase", "tmpdir", "trimEnd", "trimStart", "unlinkSync",
    "unshift", "util", "use strict", "writeFile", "writeFileSync", "__esModule", "shell",
    "stdio", "inherit", "encoding", "signal", "pid", "killed", "timeout", "cwd", "node_modules",
    "zlib", "Symbol", "iterator", "writable", "configurable", "number", "boolean", "symbol",
    "bigint",
    // Python.
    "__main__", "__name__", "__dict__", "__class__", "__init__", "b64decode", "b64encode",
    "boto3", "botocore", "capture_output", "check", "check_output", "client", "communicate",
    "datetime", "decode", "dict", "dump", "dumps", "endswith", "enumerate", "eval", "exists",
    "findall", "fromisoformat", "getenv", "getLogger", "group", "groups", "int", "isdigit",
    "isfile", "isoformat", "load", "loads", "logging", "lstrip", "makedirs", "path", "pathlib",
    "Popen", "put_object", "get_object", "download_file", "upload_file", "re", "read_text",
    "returncode", "rstrip", "setLevel", "INFO", "DEBUG", "ERROR", "shlex", "splitlines",
    "startswith", "strftime", "subprocess", "system", "tempfile", "title", "unquote",
    "unquote_plus", "urllib", "urlopen", "uuid", "uuid4", "ascii", "latin-1", "ignore",
    "application/json", "text/plain", "text/html", "PIPE", "DEVNULL", "STDOUT", "ok",
    "exception", "traceback",
];

/// Whether only an AWS event has a member of this name.
pub(super) fn is_aws(word: &str) -> bool {
    AWS.contains(&word)
}

/// Whether `word` belongs to a language or library.
pub(super) fn is_library(word: &str) -> bool {
    LIBRARY.contains(&word)
}

/// Whether `word` is one that people use as a key, although AWS and libraries use it as well.
pub(super) fn is_ordinary(word: &str) -> bool {
    ORDINARY.contains(&word)
}

/// All member names of AWS events.
pub(super) fn aws_members() -> impl Iterator<Item = &'static str> {
    AWS.iter().chain(CONTAINERS).chain(ORDINARY).copied()
}

/// Those keys of a chain that start at the event and are the function's own, in their order.
///
/// `["Records", "s3", "bucket", "name"]` has none; `["body", "name"]` has `name`, because a sender
/// fills a body with any names; `["name"]` has `name`, because no AWS event has it at its top.
pub(super) fn own_keys<'c>(chain: &'c [String]) -> Vec<&'c str> {
    let mut own: Vec<&'c str> = Vec::new();
    let mut free = false;
    for (depth, key) in chain.iter().enumerate() {
        let key = key.as_str();
        let aws = if free {
            WRAPPERS.contains(&key)
        } else if depth == 0 {
            is_aws(key) || TOP.contains(&key)
        } else {
            is_aws(key) || ORDINARY.contains(&key) || CONTAINERS.contains(&key)
        };
        if aws {
            free |= CONTAINERS.contains(&key);
        } else {
            own.push(key);
            free = true;
        }
    }
    own
}
