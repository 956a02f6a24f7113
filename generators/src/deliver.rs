//! The command that delivers an event in the real world.
//!
//! A finding is believed when it can be repeated. The commands are for a POSIX shell and ask for
//! what evfuzz cannot know in variables: `$API_URL`, `$ALB_URL`, `$WEBSOCKET_URL`, `$BUCKET`,
//! `$QUEUE_URL`, `$TABLE`, `$FUNCTION`.

mod asked;
mod event;
mod http;
mod nested;
mod service;

use serde_json::{Map, Value, json};

use crate::{
    case::TestCase,
    grade::{self, Changed, Grade},
    source::EventSource,
    wire::{
        Wire,
        dynamodb::{DynamoDbBatch, DynamoDbWrite, Operation, attribute},
        s3::{S3EventName, S3Operation},
        sqs::{SqsBatch, SqsMessage},
    },
};

/// Shell commands, one a line, that make AWS deliver the event of `case`.
pub fn command(case: &TestCase) -> String {
    let (source, wire, raw) = (case.seed.source, case.wire(), case.raw_edits());
    match grade::change(source, &wire, &raw) {
        None => sent(source, &wire),
        Some(Changed { wire: Some(wire), .. }) => sent(source, &wire),
        Some(Changed { grade, .. }) => {
            let who = match grade {
                Grade::Reachable | Grade::Genuine => "AWS delivers such events",
                Grade::Forged => "no sender can make this event",
            };
            format!("# {who}; whoever may invoke the function can:\n{}", invoke(&case.render().event))
        }
    }
}

fn sent(source: EventSource, wire: &Wire) -> String {
    match wire {
        Wire::Http(request) => http::command(source, request),
        Wire::S3(operation) => s3(operation),
        Wire::Sqs(batch) => sqs(batch),
        Wire::DynamoDb(batch) => dynamodb(batch),
        Wire::Event(event) => {
            let rendered = wire.render(source);
            let command = service::command(source, &rendered).or_else(|| asked::command(source, &rendered));
            command.unwrap_or_else(|| event::command(source, event))
        }
    }
}

fn invoke(event: &Value) -> String {
    format!(
        "aws lambda invoke --function-name \"$FUNCTION\" \
         --cli-binary-format raw-in-base64-out --payload={} /dev/stdout",
        quote(&event.to_string())
    )
}

/// `text` as one word of a POSIX shell. A NUL, which no shell word can hold, is left out.
pub fn quote(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@%+,".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\0', "").replace('\'', r"'\''"))
}

fn s3(operation: &S3Operation) -> String {
    let key = match operation.key.contains('\0') {
        // JSON can write what a shell word cannot hold.
        true => {
            let input = json!({ "Key": operation.key }).to_string();
            format!("--cli-input-json {}", quote(&input))
        }
        false => format!("--key={}", quote(&operation.key)),
    };
    let api = |command: &str| format!("aws s3api {command} --bucket \"$BUCKET\"");
    let put = format!("{} {key}", api("put-object"));
    // What S3 does itself begins with an object of that name.
    let and_wait = |what: &str| format!("{put}\n# and wait until {what}");
    match operation.event {
        S3EventName::CreatedPut | S3EventName::CreatedPost => put,
        S3EventName::CreatedMultipart => {
            let start = format!("{} {key}", api("create-multipart-upload"));
            format!("{start}\n# and upload-part and complete-multipart-upload with the id that it prints")
        }
        S3EventName::CreatedCopy => {
            format!("{} --copy-source \"$BUCKET/$OBJECT\" {key}", api("copy-object"))
        }
        S3EventName::RemovedDelete | S3EventName::RemovedMarker => format!("{} {key}", api("delete-object")),
        S3EventName::RestorePost => format!("{} --restore-request Days=1 {key}", api("restore-object")),
        S3EventName::TaggingPut => format!("{} --tagging 'TagSet=[]' {key}", api("put-object-tagging")),
        S3EventName::TaggingDelete => format!("{} {key}", api("delete-object-tagging")),
        S3EventName::AclPut => format!("{} --acl private {key}", api("put-object-acl")),
        S3EventName::AnnotationPut => {
            let annotation = "--annotation-name note --annotation-payload \"$FILE\"";
            format!("{} {annotation} {key}", api("put-object-annotation"))
        }
        S3EventName::AnnotationDelete => {
            format!("{} --annotation-name note {key}", api("delete-object-annotation"))
        }
        S3EventName::RetentionPut => {
            let retention = "--retention Mode=COMPLIANCE,RetainUntilDate=2027-03-04T05:06:07Z";
            format!("{} {retention} {key}", api("put-object-retention"))
        }
        S3EventName::RestoreCompleted => and_wait("it is archived and restored"),
        S3EventName::RestoreDelete => and_wait("it is archived and restored, and the restored copy expires"),
        S3EventName::Lost => and_wait("S3 loses it: storage class REDUCED_REDUNDANCY"),
        S3EventName::ReplicationFailed => and_wait("its replication fails"),
        S3EventName::ReplicationMissedThreshold => and_wait("its replication takes longer than 15 minutes"),
        S3EventName::ReplicationAfterThreshold => and_wait("it is replicated after 15 minutes"),
        S3EventName::ReplicationNotTracked => and_wait("its replication is not tracked any more"),
        S3EventName::ExpirationDelete | S3EventName::ExpirationMarker => {
            and_wait("a lifecycle rule deletes it")
        }
        S3EventName::Transition => and_wait("a lifecycle rule gives it another storage class"),
        S3EventName::Tiering => and_wait("S3 Intelligent-Tiering archives it"),
    }
}

fn sqs(batch: &SqsBatch) -> String {
    let send = |message: &SqsMessage| nested::command(&message.body).unwrap_or_else(|| send(message));
    batch.messages.iter().map(send).collect::<Vec<String>>().join("\n")
}

fn send(message: &SqsMessage) -> String {
    let mut words = vec!["aws sqs send-message --queue-url \"$QUEUE_URL\"".to_owned()];
    words.push(format!("--message-body={}", quote(&message.body.to_text())));
    if !message.attributes.is_empty() {
        let attributes: Map<String, Value> = message
            .attributes
            .iter()
            .map(|(name, it)| {
                let value = if it.is("Binary") { "BinaryValue" } else { "StringValue" };
                (name.clone(), json!({ "DataType": it.data_type, value: it.value.to_text() }))
            })
            .collect();
        let attributes = Value::Object(attributes).to_string();
        words.push(format!("--message-attributes={}", quote(&attributes)));
    }
    if let Some(group) = &message.group {
        words.push(format!("--message-group-id={}", quote(group)));
    }
    if let Some(deduplication) = &message.deduplication {
        words.push(format!("--message-deduplication-id={}", quote(deduplication)));
    }
    words.join(" ")
}

fn dynamodb(batch: &DynamoDbBatch) -> String {
    batch.writes.iter().flat_map(write).collect::<Vec<String>>().join("\n")
}

/// The state before, if there was one, and the write itself.
fn write(write: &DynamoDbWrite) -> Vec<String> {
    let put = |rest: &attribute::Item| {
        let item: attribute::Item = write.keys.iter().chain(rest).cloned().collect();
        let item = attribute::render_item(&item).to_string();
        format!("aws dynamodb put-item --table-name \"$TABLE\" --item={}", quote(&item))
    };
    let key = attribute::render_item(&write.keys).to_string();
    let delete = format!("aws dynamodb delete-item --table-name \"$TABLE\" --key={}", quote(&key));
    match write.operation {
        Operation::Insert => vec![put(&write.new)],
        Operation::Modify => vec![put(&write.old), put(&write.new)],
        Operation::Remove => vec![put(&write.old), delete],
        Operation::Expire => {
            vec![put(&write.old), "# and wait until the item's time to live is over".to_owned()]
        }
    }
}

#[cfg(test)]
mod tests;
