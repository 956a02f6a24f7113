//! What validators say of an event: which places they refuse, and whether a sender has a say there.
//!
//! A validation error is how code turns away what a sender wrote, so it is no bug. Of a place that AWS alone writes it is one: the
//! event is as AWS sends it, and the schema is wrong.

use evfuzz_generators::case::TestCase;
use serde_json::Value;

use crate::observe::ErrorSeen;

/// Members in which a client writes or leaves out what it likes, in the shapes of all HTTP sources.
const OF_CLIENTS: [&str; 12] = [
    "body",
    "isBase64Encoded",
    "is_base64_encoded",
    "headers",
    "multiValueHeaders",
    "queryStringParameters",
    "multiValueQueryStringParameters",
    "query_string_parameters",
    "pathParameters",
    "cookies",
    "path",
    "rawPath",
];

/// What AWS copies from the request of a client.
const COPIED: [&str; 6] = ["method", "httpMethod", "http_method", "path", "resourcePath", "userAgent"];

/// The places that a validator refused if AWS alone writes them all; as `Records.s3.object.size`, sorted.
pub(super) fn refused_of_aws(case: &TestCase, error: &ErrorSeen) -> Option<Vec<String>> {
    let places = match error.error_type.as_str() {
        "ValidationError" => of_pydantic(&error.message),
        "ZodError" => of_zod(&error.message),
        _ => return None,
    };
    if places.is_empty() {
        return None;
    }
    let event = case.render().event;
    let points = case.points();
    let of_senders: Vec<Vec<&str>> = points.iter().map(|it| steps(it.path())).collect();
    let is_of_aws = |place: &Vec<String>| {
        let (last, parents) = place.split_last()?;
        let parent = parents.iter().try_fold(&event, |value, step| member(value, step))?;
        // A document of the function's own has such names as well: only what is in AWS's is told by its place.
        let is_inside = !parents.is_empty() && (parent.is_object() || parent.is_array());
        let is_clients = OF_CLIENTS.contains(&parents.first()?.as_str()) || COPIED.contains(&last.as_str());
        let is_senders = of_senders.iter().any(|point| touches(point, place));
        (is_inside && !is_clients && !is_senders && !last.is_empty()).then_some(())
    };
    if places.iter().any(|it| is_of_aws(it).is_none()) {
        return None;
    }
    let is_name = |it: &&String| it.parse::<usize>().is_err();
    let named = |place: &Vec<String>| place.iter().filter(is_name).cloned().collect::<Vec<_>>().join(".");
    let mut named: Vec<String> = places.iter().map(named).collect();
    named.sort();
    named.dedup();
    Some(named)
}

fn member<'v>(value: &'v Value, step: &str) -> Option<&'v Value> {
    match value {
        Value::Array(elements) => elements.get(step.parse::<usize>().ok()?),
        other => other.get(step),
    }
}

/// The steps of a point's path, without encodings: what is inside of a text belongs to the text. A point that is a name stands for
/// all that is beside it.
fn steps(path: &str) -> Vec<&str> {
    let path = path.split('»').next().unwrap_or_default();
    path.strip_suffix("/ (name)").unwrap_or(path).split('/').skip(1).collect()
}

/// Whether one of them is in the other.
fn touches(point: &[&str], place: &[String]) -> bool {
    point.iter().zip(place).all(|(a, b)| a == b)
}

/// Pydantic 1: `Records -> 0 -> s3 -> object -> size`; 2: `Records.0.s3.object.size`; in the line below it what is wrong, indented.
fn of_pydantic(message: &str) -> Vec<Vec<String>> {
    let mut lines = message.lines();
    if !lines.next().is_some_and(|it| it.contains(" validation error")) {
        return Vec::new();
    }
    let places = lines.filter(|it| !it.is_empty() && !it.starts_with(' '));
    let split = |line: &str| -> Vec<String> {
        let between = if line.contains(" -> ") { " -> " } else { "." };
        line.split(between).map(str::to_owned).collect()
    };
    places.map(split).collect()
}

/// A list of issues, each with its `path`.
fn of_zod(message: &str) -> Vec<Vec<String>> {
    let Ok(Value::Array(issues)) = serde_json::from_str::<Value>(message) else { return Vec::new() };
    let step = |it: &Value| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
    let path = |issue: &Value| Some(issue.get("path")?.as_array()?.iter().map(step).collect());
    issues.iter().map(|it| path(it).unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use evfuzz_generators::lexicon::Lexicon;
    use evfuzz_generators::seeds::seeds;
    use evfuzz_generators::source::EventSource;

    use super::*;

    #[track_caller]
    fn check(source: EventSource, seed: &str, error_type: &str, message: &str, expected: Option<&str>) {
        let seed = seeds(source, &Lexicon::default()).into_iter().find(|it| it.name == seed).unwrap();
        let error =
            ErrorSeen { error_type: error_type.to_owned(), message: message.to_owned(), frames: Vec::new() };
        let said = refused_of_aws(&TestCase::new(seed), &error).map(|it| it.join(" "));
        assert_eq!(said.as_deref(), expected, "{message}");
    }

    #[test]
    fn what_aws_alone_writes_is_told_from_what_senders_write() {
        let removed =
            |message, expected| check(EventSource::S3, "removed", "ValidationError", message, expected);
        removed(
            "2 validation errors for S3Model\nRecords -> 0 -> s3 -> object -> size\n  field required (type=value_error.missing)\n\
             Records -> 0 -> s3 -> object -> eTag\n  field required (type=value_error.missing)",
            Some("Records.s3.object.eTag Records.s3.object.size"),
        );
        removed(
            "1 validation error for S3Model\nRecords.0.s3.object.size\n  Field required [type=missing, input_type=dict]",
            Some("Records.s3.object.size"),
        );
        removed("1 validation error for M\nRecords -> 0 -> s3 -> object -> key\n  bad", None);
        removed("1 validation error for M\nkey\n  bad", None);
        removed("1 validation error for M\norder -> id\n  bad", None);
        removed(
            "2 validation errors for M\nRecords.0.s3.object.size\n  x\nRecords.0.s3.object.key\n  y",
            None,
        );
        removed("no validation at all", None);
        let issues =
            r#"[{"code":"invalid_type","path":["Records",0,"s3","object","size"],"message":"Required"}]"#;
        check(EventSource::S3, "removed", "ZodError", issues, Some("Records.s3.object.size"));
        check(EventSource::S3, "removed", "ZodError", "[{}]", None);

        let http = |message, expected| {
            check(EventSource::ApiGatewayHttp, "bare", "ValidationError", message, expected)
        };
        http(
            "1 validation error for M\nrequestContext -> accountId\n  bad",
            Some("requestContext.accountId"),
        );
        http("1 validation error for M\nrequestContext -> http -> userAgent\n  bad", None);
        http("1 validation error for M\nbody\n  none is not an allowed value", None);
        http("1 validation error for M\nheaders -> x-tenant\n  field required", None);
        let written = |message, expected| {
            check(EventSource::DynamoDbStream, "insert", "ValidationError", message, expected);
        };
        written("1 validation error for M\nRecords.0.dynamodb.NewImage.total\n  Field required", None);
    }
}
