//! Tasks of an S3 Batch Operations job. Amazon S3 user guide, "Invoke AWS Lambda function"; version 2.0: AWS Storage blog,
//! "Automate object processing in Amazon S3 directory buckets with S3 Batch Operations and AWS Lambda".

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::{Rule, Sender, Vocabulary, as_text};
use crate::{
    point::Charset,
    tree::Node,
    wire::{facts, s3},
};

/// botocore, `s3control` service model, `UserArguments`: ten of them, names of 1 to 64 characters, values of up to 1,024.
const MAX_ARGUMENTS: usize = 10;
const MAX_ARGUMENT_NAME: usize = 64;
const MAX_ARGUMENT: usize = 1_024;

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    vec![
        // The guide: keys are URL-encoded. Object keys: 1,024 bytes before any encoding.
        Rule::new("/tasks/*/s3Key»s3-key»", Charset::ObjectKey, 1_024),
        // Whoever may make a job says them.
        Rule::new("/job/userArguments/*", Charset::Any, MAX_ARGUMENT).conditional(),
    ]
});

/// The source.
pub(super) struct S3Batch;

impl Sender for S3Batch {
    fn rules(&self, _event: &Node) -> &'static [Rule] {
        &RULES
    }

    fn reads(&self) -> &'static [&'static [&'static str]] {
        &[&["job", "userArguments"]]
    }

    /// A job whose arguments are what the code reads of them.
    fn saying(&self, content: &Value) -> Value {
        let arguments: Map<String, Value> = content
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(name, _)| (1..=MAX_ARGUMENT_NAME).contains(&name.len()))
            .map(|(name, value)| (name.clone(), Value::from(as_text(value))))
            .filter(|(_, value)| value.as_str().is_some_and(|it| it.len() <= MAX_ARGUMENT))
            .take(MAX_ARGUMENTS)
            .collect();
        v2("folder/one", arguments)
    }

    fn others(&self, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        let plain = words.word(2);
        vec![
            ("v1", v1(&words.object_key(0), Some(0))),
            ("v1-unversioned", v1(&plain, None)),
            ("v2", v2(&words.object_key(1), Map::new())),
        ]
    }

    fn bare(&self, words: &dyn Vocabulary) -> Value {
        v1(&words.word(0), None)
    }
}

fn event(version: &str, job: Value, task: Value) -> Value {
    json!({
        "invocationSchemaVersion": version,
        "invocationId": facts::token("batch invocation", 0, 48),
        "job": job,
        "tasks": [task],
    })
}

/// One task; an object version with this index, if the bucket has versions.
pub(super) fn v1(key: &str, version: Option<usize>) -> Value {
    let task = json!({
        "taskId": facts::token("batch task", 0, 44),
        "s3Key": s3::encode_key(key),
        "s3VersionId": version.map(|it| facts::token("version", it, 32)),
        "s3BucketArn": "arn:aws:s3:::amzn-s3-demo-bucket",
    });
    event("1.0", json!({ "id": facts::uuid("batch job", 0) }), task)
}

/// The same for a job with arguments of its own: the bucket is told by name.
pub(super) fn v2(key: &str, arguments: Map<String, Value>) -> Value {
    let mut job = json!({ "id": facts::uuid("batch job", 0) });
    if !arguments.is_empty() {
        job["userArguments"] = Value::Object(arguments);
    }
    let task = json!({
        "taskId": facts::token("batch task", 0, 44),
        "s3Key": s3::encode_key(key),
        "s3VersionId": Value::Null,
        "s3Bucket": "amzn-s3-demo-bucket",
    });
    event("2.0", job, task)
}
