//! A message that a topic delivers.
//!
//! Members: LocalStack's records of AWS (`tests/aws/services/sns/test_sns.snapshot.json`, test_publish_lambda_verify_signature)
//! and AWS Lambda developer guide, "Invoking Lambda functions with Amazon SNS notifications". Limits: Amazon SNS API, Publish,
//! and developer guide, "Amazon SNS message attributes".

use serde_json::Value;

use super::{Facts, base64, is_uuid, nested, object, text};

const RECORD: &str = "EventSource:s EventVersion:s EventSubscriptionArn:s Sns:o";
const SNS: &str = "Type:s MessageId:s TopicArn:s Subject:s0 Message:s Timestamp:s SignatureVersion:s Signature:s \
    SigningCertUrl:s UnsubscribeUrl:s MessageAttributes:o";
const NOTIFICATION: &str = "Type:s MessageId:s TopicArn:s Subject:s? Message:s Timestamp:s SignatureVersion:s Signature:s \
    SigningCertURL:s UnsubscribeURL:s MessageAttributes:o?";
/// The message, attributes included.
const MAX_MESSAGE_BYTES: usize = 256 * 1024;

pub(super) fn check(event: &Value, facts: &mut Facts) {
    let records = facts.records(event);
    facts.hold(records.len() == 1, "a topic delivers one message at a time");
    for record in records {
        check_record(record, facts);
    }
}

fn check_record(record: &Value, facts: &mut Facts) {
    facts.members("the record", record, RECORD);
    facts.equal("EventSource", &record["EventSource"], "aws:sns");
    facts.equal("EventVersion", &record["EventVersion"], "1.0");
    let sns = &record["Sns"];
    facts.members("Sns", sns, SNS);
    check_message(sns, ["SigningCertUrl", "UnsubscribeUrl"], text(&record["EventSubscriptionArn"]), facts);
}

/// What a topic writes into a queue: without record, and two names are spelled otherwise. Amazon SNS developer guide, "Fanout to
/// Amazon SQS queues" and "HTTP/HTTPS notification JSON format".
pub(super) fn check_notification(sns: &Value, facts: &mut Facts) {
    facts.members("the notification", sns, NOTIFICATION);
    let subscription = text(&sns["UnsubscribeURL"]).split_once("SubscriptionArn=").map(|(_, it)| it);
    check_message(sns, ["SigningCertURL", "UnsubscribeURL"], subscription.unwrap_or_default(), facts);
}

fn check_message(sns: &Value, [signing, unsubscribing]: [&str; 2], subscription: &str, facts: &mut Facts) {
    facts.equal("Type", &sns["Type"], "Notification");
    facts.hold(is_uuid(text(&sns["MessageId"])), "MessageId is no UUID");
    facts.milliseconds(&sns["Timestamp"]);
    let topic = text(&sns["TopicArn"]);
    let parts: Vec<&str> = topic.split(':').collect();
    facts.hold(parts.len() == 6 && parts[..3] == ["arn", "aws", "sns"], "TopicArn is no topic");
    let id = subscription.strip_prefix(topic).and_then(|it| it.strip_prefix(':'));
    facts.hold(id.is_some_and(is_uuid), "the subscription is not one of the topic");
    let host = format!("https://sns.{}.amazonaws.com/", parts.get(3).copied().unwrap_or_default());
    let unsubscribe = format!("{host}?Action=Unsubscribe&SubscriptionArn={subscription}");
    facts.equal(unsubscribing, &sns[unsubscribing], unsubscribe);
    let certificate = text(&sns[signing]);
    let certificate = certificate.strip_prefix(&format!("{host}SimpleNotificationService-"));
    let hex = certificate.and_then(|it| it.strip_suffix(".pem"));
    let fits = hex.is_some_and(|it| it.len() == 32 && it.bytes().all(|it| it.is_ascii_hexdigit()));
    facts.hold(fits, &format!("{signing} is no certificate of the region"));
    // RSA with 2,048 bits; SHA-1 or SHA-256.
    facts.hold(matches!(text(&sns["SignatureVersion"]), "1" | "2"), "there is no such SignatureVersion");
    let signature = base64(text(&sns["Signature"]));
    facts.hold(signature.is_some_and(|it| it.len() == 256), "Signature has not 256 bytes");
    if let Some(subject) = sns["Subject"].as_str() {
        let fits = (1..100).contains(&subject.chars().count()) && !subject.chars().any(char::is_control);
        facts.hold(fits, &format!("no message has the subject {subject:?}"));
    }
    let message = text(&sns["Message"]);
    let attributes = object(&sns["MessageAttributes"]);
    let mut size = message.len();
    for (name, attribute) in &attributes {
        facts.members("a message attribute", attribute, "Type:s Value:s");
        let kind = text(&attribute["Type"]);
        facts.hold(
            matches!(kind.split('.').next(), Some("String" | "Number" | "Binary")),
            &format!("no attribute has the type {kind:?}"),
        );
        let plain = name.chars().all(|it| it.is_ascii_alphanumeric() || "_-.".contains(it));
        facts.hold(plain && (1..=256).contains(&name.len()), &format!("no attribute is called {name:?}"));
        facts.hold(!text(&attribute["Value"]).is_empty(), &format!("{name} has no value"));
        size += name.len() + kind.len() + text(&attribute["Value"]).len();
    }
    nested::check(message, facts);
    facts.hold(!message.is_empty() && size <= MAX_MESSAGE_BYTES, "no message is empty or larger than 256 KB");
}
