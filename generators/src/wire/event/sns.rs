//! A message published to a topic. Amazon SNS developer guide, "Fanout to Lambda functions"; always one record.

use std::sync::LazyLock;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{Rule, Sender, Vocabulary, as_text};
use crate::{
    point::Charset,
    tree::Node,
    wire::{facts, nested::Writer},
};

/// Amazon SNS API, Publish: 256 KB for the message and its attributes together.
const MAX_MESSAGE_BYTES: usize = 256 * 1024;

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    vec![
        Rule::new("/Records/*/Sns/Message", Charset::NonEmpty, MAX_MESSAGE_BYTES),
        // The same: fewer than 100 characters, no line breaks or control characters.
        Rule::new("/Records/*/Sns/Subject", Charset::Subject, 99),
        Rule::new("/Records/*/Sns/MessageAttributes/*/Value", Charset::NonEmpty, MAX_MESSAGE_BYTES / 2),
    ]
});

/// The source.
pub(super) struct Sns;

impl Sender for Sns {
    fn rules(&self, _event: &Node) -> &'static [Rule] {
        &RULES
    }

    fn reads(&self) -> &'static [&'static [&'static str]] {
        &[&["Records", "Sns", "Message"]]
    }

    fn saying(&self, content: &Value) -> Value {
        sns(&as_text(content), None, &[])
    }

    fn carrying(&self, writer: Writer, content: &[u8]) -> Option<Value> {
        let text = || Some(sns(std::str::from_utf8(content).ok()?, None, &[]));
        match writer {
            Writer::S3 | Writer::S3Test | Writer::EventBridge | Writer::Lambda => text(),
            Writer::Sns | Writer::CloudWatchLogs | Writer::DeadLetter => None,
        }
    }

    /// With attributes, if the code reads any.
    fn saying_elsewhere(&self, content: &Value, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        if !words.mentions("MessageAttributes") {
            return Vec::new();
        }
        vec![("json-attributes", sns(&as_text(content), Some(&words.word(1)), &attributes(words)))]
    }

    fn others(&self, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        let attributes = attributes(words);
        vec![
            ("text", sns(&words.word(0), None, &[])),
            ("subject", sns(&words.word(0), Some(&words.word(1)), &attributes)),
        ]
    }
}

/// The same as SNS writes it into a message of a queue: without record, two names spelled otherwise. Amazon SNS developer guide,
/// "Fanout to Amazon SQS queues" and "HTTP/HTTPS notification JSON format".
pub(crate) fn notification(message: &str, subject: Option<&str>, attributes: &[(String, String)]) -> Value {
    let mut event = sns(message, subject, attributes);
    let Value::Object(members) = event["Records"][0]["Sns"].take() else { return Value::Null };
    let spelled = members.into_iter().map(|(name, it)| match name.as_str() {
        "SigningCertUrl" => ("SigningCertURL".to_owned(), it),
        "UnsubscribeUrl" => ("UnsubscribeURL".to_owned(), it),
        _ => (name, it),
    });
    // What nobody gave is not there.
    let given = |it: &Value| !it.is_null() && it.as_object().is_none_or(|it| !it.is_empty());
    Value::Object(spelled.filter(|(_, it)| given(it)).collect())
}

/// Attributes of the names that the code reads.
fn attributes(words: &dyn Vocabulary) -> Vec<(String, String)> {
    let known = words.likely_pairs(&[&["Records", "Sns", "MessageAttributes"]]);
    if known.is_empty() { vec![("name".to_owned(), words.word(2))] } else { known }
}

/// A message with its subject and attributes of type `String`.
pub(super) fn sns(message: &str, subject: Option<&str>, attributes: &[(String, String)]) -> Value {
    let topic = format!("arn:aws:sns:{}:{}:topic", facts::REGION, facts::ACCOUNT);
    let subscription = format!("{topic}:{}", facts::uuid("sns subscription", 0));
    let certificate = format!(
        "https://sns.{}.amazonaws.com/SimpleNotificationService-{}.pem",
        facts::REGION,
        facts::md5_hex(b"sns certificate")
    );
    let attributes: serde_json::Map<String, Value> = attributes
        .iter()
        .map(|(name, value)| (name.clone(), json!({ "Type": "String", "Value": value })))
        .collect();
    // Order and spelling as LocalStack recorded them on AWS; `EventSource` is written large here alone.
    json!({ "Records": [{
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription,
        "Sns": {
            "Type": "Notification",
            "MessageId": facts::uuid("sns message", 0),
            "TopicArn": topic,
            "Subject": subject,
            "Message": message,
            "Timestamp": facts::ISO_TIME,
            "SignatureVersion": "1",
            // RSA with 2,048 bits.
            "Signature": BASE64_STANDARD.encode(facts::token("sns signature", 0, 256)),
            "SigningCertUrl": certificate,
            "UnsubscribeUrl": format!(
                "https://sns.{}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={subscription}",
                facts::REGION
            ),
            "MessageAttributes": attributes,
        },
    }] })
}
