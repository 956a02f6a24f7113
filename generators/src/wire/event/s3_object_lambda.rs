//! Requests to an S3 Object Lambda access point. Amazon S3 user guide, "Event context format and usage".

use std::sync::LazyLock;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::{Rule, Sender, Vocabulary, as_text, doc};
use crate::{
    point::Charset,
    source::EventSource,
    tree::{Node, Path},
    wire::{doc::Doc, facts},
};

/// Amazon S3 API, error responses: 8 KB for all headers of a request. Leaves room for those that are always there.
const MAX_HEADER_BYTES: usize = 2_048;

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    vec![
        // What is behind the host, and without the slash there: the key, and a query. The function takes that apart once more,
        // so what a sender encodes twice arrives.
        Rule::new("/userRequest/url»url-query»/query»form", Charset::Any, 1_024),
        Rule::new("/userRequest/url", Charset::Path, 1_024),
        // The access point's own name, and what the signature is made of.
        Rule::fixed("/userRequest/headers/Host"),
        Rule::fixed("/userRequest/headers/X-Amz-Content-SHA256"),
        Rule::new("/userRequest/headers/*", Charset::HeaderValue, MAX_HEADER_BYTES).header(),
    ]
});

/// RFC 3986, section 3.3: what a path can hold, with the slashes between its segments.
const OUTSIDE_PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

static PATH: LazyLock<Path> = LazyLock::new(|| Path::from("/userRequest/url»url-query»/path".to_owned()));

/// The source.
pub(super) struct S3ObjectLambda;

impl Sender for S3ObjectLambda {
    fn rules(&self, _event: &Node) -> &'static [Rule] {
        &RULES
    }

    fn accepts(&self, event: &Node) -> bool {
        // What is behind the first question mark is the query, whoever wrote it.
        event.get(&PATH).is_none_or(|it| !it.to_text().contains('?'))
    }

    fn reads(&self) -> &'static [&'static [&'static str]] {
        &[&["configuration", "payload"]]
    }

    /// A request through an access point whose configuration is what the code reads of it.
    fn saying(&self, content: &Value) -> Value {
        request("getObjectContext", "folder/one", &[], &as_text(content))
    }

    fn others(&self, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        let mut headers = words.likely_pairs(&[&["userRequest", "headers"]]);
        headers.retain(|(name, value)| {
            Charset::HeaderName.refused(name).is_none() && Charset::HeaderValue.refused(value).is_none()
        });
        let key = words.object_key(0);
        vec![
            ("get", request("getObjectContext", &key, &headers, "")),
            ("get-query", request("getObjectContext", &format!("{key}?{}", query(words)), &headers, "")),
            ("head", request("headObjectContext", &key, &headers, "")),
            (
                "list-v2",
                request("listObjectsV2Context", &format!("?list-type=2&prefix={}", words.word(2)), &[], ""),
            ),
            ("list", request("listObjectsContext", &format!("?prefix={}", words.word(2)), &[], "")),
        ]
    }

    /// The URL without what is in front of the key, and no presigned one.
    fn said(&self, event: &mut Value) {
        let origin = origin(event.pointer("/userRequest/headers/Host").and_then(Value::as_str));
        if let Some(Value::String(url)) = event.pointer_mut("/userRequest/url") {
            let rest = url.strip_prefix(&origin).or(url.strip_prefix('/')).unwrap_or(url);
            *url = rest.to_owned();
        }
        for context in CONTEXTS {
            if let Some(presigned) = event.pointer_mut(&format!("/{context}/inputS3Url")) {
                *presigned = Value::Null;
            }
        }
    }

    /// The guide: the URL is decoded. The presigned one names the same object, encoded.
    fn delivered<'n>(&self, _said: &'n Node, event: &mut Doc<'n>) {
        let origin = origin(event.pointer("/userRequest/headers/Host").and_then(Doc::as_str));
        let Some(Doc::Text(url)) = event.pointer_mut("/userRequest/url") else { return };
        let presigned = presigned_url(url.split('?').next().unwrap_or_default());
        url.to_mut().insert_str(0, &origin);
        let asked = CONTEXTS.into_iter().find(|it| event.get(it).is_some());
        let asked = asked.and_then(|it| event.get_mut(it)?.get_mut("inputS3Url"));
        if let Some(url) = asked {
            *url = presigned.into();
        }
    }

    fn bare(&self, words: &dyn Vocabulary) -> Value {
        request("getObjectContext", &words.word(0), &[], "")
    }
}

/// Parameters that the code reads from the URL, as in a form.
fn query(words: &dyn Vocabulary) -> String {
    let known =
        words.likely_pairs(&[&["userRequest", "url", "searchParams"], &["userRequest", "url", "query"]]);
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(known);
    query.append_pair("versionId", &words.word(1));
    query.finish()
}

/// What a function is asked for, one of these.
const CONTEXTS: [&str; 4] =
    ["getObjectContext", "headObjectContext", "listObjectsContext", "listObjectsV2Context"];

/// The beginning of the URL: the access point's host, which the client names too.
fn origin(host: Option<&str>) -> String {
    format!("https://{}/", host.unwrap_or_default())
}

fn presigned_url(key: &str) -> String {
    let (region, account) = (facts::REGION, facts::ACCOUNT);
    let token = facts::token("presigned", 0, 40);
    let key = utf8_percent_encode(key, OUTSIDE_PATH);
    format!("https://app-{account}.s3-accesspoint.{region}.amazonaws.com/{key}?X-Amz-Security-Token={token}")
}

/// A request for what is behind the host in the URL, with headers of the client's own.
pub(super) fn request(context: &str, rest: &str, own: &[(String, String)], payload: &str) -> Value {
    let (region, account) = (facts::REGION, facts::ACCOUNT);
    let mut asked = json!({ "inputS3Url": Value::Null });
    if context == "getObjectContext" {
        // Only of these the function writes the answer by WriteGetObjectResponse.
        asked["outputRoute"] = "io-use1-001".into();
        asked["outputToken"] = facts::token("output", 0, 40).into();
    }
    let host = format!("app-{account}.s3-object-lambda.{region}.amazonaws.com");
    let mut headers = Map::new();
    headers.insert("Host".to_owned(), host.into());
    headers.insert("User-Agent".to_owned(), "aws-cli/2.31".into());
    headers.insert("Accept-Encoding".to_owned(), "identity".into());
    // SHA-256 of no body.
    let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    headers.insert("X-Amz-Content-SHA256".to_owned(), hash.into());
    for (name, value) in own {
        // Names differ in more than their case, as in HTTP.
        if !headers.keys().any(|it| it.eq_ignore_ascii_case(name)) {
            headers.insert(name.clone(), value.clone().into());
        }
    }
    let principal = format!("AROA{}", facts::token("role", 0, 17));
    let event = json!({
        "xAmzRequestId": facts::uuid("object lambda", 0),
        context: asked,
        "configuration": {
            "accessPointArn": format!("arn:aws:s3-object-lambda:{region}:{account}:accesspoint/app-lambda"),
            "supportingAccessPointArn": format!("arn:aws:s3:{region}:{account}:accesspoint/app"),
            "payload": payload,
        },
        "userRequest": { "url": rest, "headers": headers },
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": format!("{principal}:reader"),
            "arn": format!("arn:aws:sts::{account}:assumed-role/reader-role/reader"),
            "accountId": account,
            "accessKeyId": format!("ASIA{}", facts::token("access key", 0, 16)),
            "sessionContext": {
                "attributes": { "mfaAuthenticated": "false", "creationDate": "Wed Mar 04 05:00:00 UTC 2026" },
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": principal,
                    "arn": format!("arn:aws:iam::{account}:role/reader-role"),
                    "accountId": account,
                    "userName": "reader-role",
                },
            },
        },
        "protocolVersion": if context == "getObjectContext" { "1.00" } else { "1.01" },
    });
    doc(EventSource::S3ObjectLambda, &Node::from(event)).into_value()
}
