//! Log lines of a subscription: JSON in gzip in base64. Amazon CloudWatch Logs user guide, "Subscription filters".

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::{Rule, Sender, Vocabulary, as_text};
use crate::{codec::Codec, point::Charset, tree::Node, wire::facts};

/// Amazon CloudWatch Logs API, PutLogEvents: a line has 1 MB since 2025.
const MAX_LINE_BYTES: usize = 1_048_576;

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    vec![Rule::new("/awslogs/data»base64»gzip»json»/logEvents/*/message", Charset::NonEmpty, MAX_LINE_BYTES)]
});

/// The source.
pub(super) struct CloudWatchLogs;

impl Sender for CloudWatchLogs {
    fn rules(&self, _event: &Node) -> &'static [Rule] {
        &RULES
    }

    fn reads(&self) -> &'static [&'static [&'static str]] {
        &[&["logEvents", "message"], &["awslogs", "data"]]
    }

    fn saying(&self, content: &Value) -> Value {
        cloudwatch_logs(&[as_text(content)])
    }

    /// In several lines.
    fn saying_elsewhere(&self, content: &Value, _words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        let line = as_text(content);
        vec![("batch", cloudwatch_logs(&[line.clone(), line]))]
    }

    fn others(&self, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        vec![("text", cloudwatch_logs(&[words.word(0), words.word(1)]))]
    }
}

/// Lines that an application has logged.
pub(super) fn cloudwatch_logs(lines: &[String]) -> Value {
    let packed = Node::json(Node::from(log_data(lines))).inside(Codec::Gzip).inside(Codec::Base64);
    json!({ "awslogs": { "data": packed.to_text() } })
}

/// The same as it is before it is packed.
pub(crate) fn log_data(lines: &[String]) -> Value {
    let line = |(index, line): (usize, &String)| {
        json!({
            "id": format!("3919511001{:046}", index),
            "timestamp": facts::EPOCH_MS + index as u64,
            "message": line,
        })
    };
    json!({
        "messageType": "DATA_MESSAGE",
        "owner": facts::ACCOUNT,
        "logGroup": "/aws/lambda/app",
        "logStream": "2026/03/04/[$LATEST]abcdef0123456789abcdef0123456789",
        "subscriptionFilters": ["filter"],
        "logEvents": lines.iter().enumerate().map(line).collect::<Vec<Value>>(),
    })
}
