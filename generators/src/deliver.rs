//! The command that delivers an event in the real world.
//!
//! A finding is believed when it can be repeated. The commands are for a POSIX shell and ask for
//! what evfuzz cannot know in variables: `$API_URL`, `$ALB_URL`, `$WEBSOCKET_URL`, `$BUCKET`,
//! `$QUEUE_URL`, `$TABLE`, `$FUNCTION`.

mod event;
mod http;

use serde_json::{Map, Value, json};

use crate::{
    case::TestCase,
    wire::{
        Wire,
        dynamodb::{DynamoDbBatch, DynamoDbWrite, Operation, attribute},
        s3::{S3EventName, S3Operation},
        sqs::{SqsBatch, SqsMessage},
    },
};

/// Shell commands, one a line, that make AWS deliver the event of `case`.
pub fn command(case: &TestCase) -> String {
    match case.wire() {
        Wire::Http(request) => http::command(case.seed.source, &request),
        Wire::S3(operation) => s3(&operation),
        Wire::Sqs(batch) => sqs(&batch),
        Wire::DynamoDb(batch) => dynamodb(&batch),
        Wire::Event(event) => event::command(case.seed.source, &event),
    }
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
    match operation.event {
        S3EventName::CreatedPut | S3EventName::CreatedPost | S3EventName::CreatedMultipart => {
            format!("aws s3api put-object --bucket \"$BUCKET\" {key}")
        }
        S3EventName::CreatedCopy => {
            format!("aws s3api copy-object --bucket \"$BUCKET\" --copy-source \"$BUCKET/$OBJECT\" {key}")
        }
        S3EventName::RemovedDelete | S3EventName::RemovedMarker => {
            format!("aws s3api delete-object --bucket \"$BUCKET\" {key}")
        }
        S3EventName::TaggingPut => {
            format!("aws s3api put-object-tagging --bucket \"$BUCKET\" --tagging 'TagSet=[]' {key}")
        }
    }
}

fn sqs(batch: &SqsBatch) -> String {
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
                (name.clone(), json!({ "DataType": it.data_type, value: it.value }))
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
