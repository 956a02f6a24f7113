//! Which event sources a function's code points to, before anything is delivered.

use std::collections::{BTreeMap, BTreeSet};

use evfuzz_generators::lexicon::Lexicon;
use evfuzz_generators::source::EventSource;

/// From this affinity on the code clearly expects one of the known sources: it mentions a name
/// that only one of them has, or several that few have.
pub(super) const CLEAR: f64 = 1.0;

/// Member names of events that are ordinary words as well: they say something only where the code
/// reads them from an event.
const ORDINARY: &[&str] = &[
    "path",
    "version",
    "method",
    "key",
    "object",
    "size",
    "http",
    "headers",
    "body",
    "cookies",
    "resource",
    "S",
    "N",
    "M",
    "L",
    "Keys",
    "detail",
    "resources",
    "elb",
    "connectionId",
    "serviceArn",
    "records",
    "partition",
    "offset",
    "topic",
    "clientId",
    "messages",
    "clientMetadata",
    "userPoolId",
    "cf",
    "querystring",
    "clientIp",
    "distributionId",
    "arguments",
    "Details",
    "channel",
    "fieldName",
    "ses",
    "receipt",
    "StateMachine",
    "Execution",
];

/// Sources that are tried only if the code mentions something of their events. Either any object is such an event, as
/// for a direct invocation, or code for them has names that nothing else has.
pub(super) const MENTIONED: &[EventSource] = &[
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
];

/// Members at the top of the events that we know. Who reads others there is invoked directly.
const TOP: &[&str] = &[
    "Records",
    "body",
    "headers",
    "queryStringParameters",
    "pathParameters",
    "requestContext",
    "httpMethod",
    "detail",
    "detail-type",
    "awslogs",
    "deliveryStreamArn",
    "path",
    "rawPath",
    "rawQueryString",
    "resource",
    "routeKey",
    "version",
    "cookies",
    "isBase64Encoded",
    "stageVariables",
    "multiValueHeaders",
    "multiValueQueryStringParameters",
    "authorizationToken",
    "methodArn",
    "routeArn",
    "identitySource",
    "raw_path",
    "query_string_parameters",
    "is_base64_encoded",
];

/// How strongly the code points to each source: names that few sources share count more.
///
/// Kin count as one where names are shared. A source that reads like another is expected if the other is, and a name of its
/// own is evidence beyond that.
pub(super) fn affinities(lexicon: &Lexicon) -> BTreeMap<EventSource, f64> {
    let group = |source: EventSource| source.reads_like().unwrap_or(source);
    let sharing = |key: &str| {
        let having = EventSource::ALL.into_iter().filter(|it| it.keys().contains(&key));
        having.map(group).collect::<BTreeSet<EventSource>>().len()
    };
    let own = |source: EventSource| -> f64 {
        let read = source.keys().iter().filter(|key| is_read(lexicon, key));
        read.map(|key| 1.0 / sharing(key) as f64).sum()
    };
    let alone = |source: EventSource| {
        // Only an HTTP source looks at the status of an answer.
        let answers_http = lexicon.mentions("statusCode")
            && matches!(source, EventSource::ApiGatewayRest | EventSource::ApiGatewayHttp);
        own(source) + if answers_http { 1.0 } else { 0.0 }
    };
    let score = |source: EventSource| match source.reads_like() {
        Some(like) => alone(like) + own(source),
        None => alone(source),
    };
    EventSource::ALL.into_iter().map(|source| (source, score(source))).collect()
}

/// Whether the code reads a name that tells `source` from what it reads like.
pub(super) fn names_kin(lexicon: &Lexicon, source: EventSource) -> bool {
    source.keys().iter().any(|key| is_read(lexicon, key))
}

fn is_read(lexicon: &Lexicon, key: &str) -> bool {
    // Native programs have no chains: there every mention has to do.
    let chains = lexicon.chains();
    let in_chain = || chains.is_empty() || chains.iter().any(|chain| chain.iter().any(|it| it == key));
    lexicon.mentions(key) && (!ORDINARY.contains(&key) || in_chain())
}

/// Whether the code reads members inside of a text that only events of `source` have. Another service's event can be in it,
/// whose names speak for that service alone.
pub(super) fn reads_inside(lexicon: &Lexicon, source: EventSource) -> bool {
    let place: &[&str] = match source {
        EventSource::Sqs => &["Records", "body"],
        EventSource::Sns => &["Records", "Sns", "Message"],
        EventSource::Kinesis => &["Records", "kinesis", "data"],
        EventSource::Firehose => &["records", "data"],
        _ => return false,
    };
    let is_inside =
        |chain: &Vec<String>| chain.len() > place.len() && chain.iter().zip(place).all(|(a, b)| a == b);
    lexicon.chains().iter().any(is_inside)
}

/// Whether the code reads members at the top of its event that neither a common source has there nor `others`.
pub(super) fn reads_members_of_its_own(lexicon: &Lexicon, others: &BTreeSet<String>) -> bool {
    let is_known = |root: &String| TOP.contains(&root.as_str()) || others.contains(root);
    lexicon.chains().iter().any(|chain| chain.first().is_some_and(|root| !is_known(root)))
}

#[cfg(test)]
mod tests;
