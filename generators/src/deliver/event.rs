//! What sends an event that has no model of its own.

use base64::{Engine, prelude::BASE64_STANDARD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{invoke, nested, quote};
use crate::{
    source::EventSource,
    tree::{Node, Path},
};

/// What a path and its query can hold as it is.
const OUTSIDE_URL: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/')
    .remove(b'?')
    .remove(b'=')
    .remove(b'&');

/// Makes a topic write this message.
pub(super) fn publish(message: &Node) -> String {
    let text = |name: &str| message.get(&Path::root().member(name)).map(Node::to_text);
    let mut words = vec!["aws sns publish --topic-arn \"$TOPIC_ARN\"".to_owned()];
    words.push(format!("--message={}", quote(&text("Message").unwrap_or_default())));
    let subject = text("Subject").filter(|it| it != "null");
    words.extend(subject.map(|it| format!("--subject={}", quote(&it))));
    let attributes = message.get(&Path::root().member("MessageAttributes"));
    if let Some(Node::Object(members)) = attributes.filter(|it| !it.leaves().is_empty()) {
        let attribute = |(name, it): &(String, Node)| {
            let value = it.leaf_text(&Path::root().member("Value")).unwrap_or_default();
            (name.clone(), json!({ "DataType": "String", "StringValue": value }))
        };
        let attributes = Value::Object(members.iter().map(attribute).collect()).to_string();
        words.push(format!("--message-attributes={}", quote(&attributes)));
    }
    words.join(" ")
}

/// Shell commands, one a line, that make `source` deliver `event`.
pub(super) fn command(source: EventSource, event: &Node) -> String {
    let text = |path: &str| event.get(&Path::from(path.to_owned())).map(Node::to_text).unwrap_or_default();
    let data = |path: &str| {
        let bytes = event.get(&Path::from(path.to_owned())).map(Node::to_bytes).unwrap_or_default();
        BASE64_STANDARD.encode(bytes)
    };
    let carried = ["/Records/0/Sns/Message", "/Records/0/kinesis/data»base64»", "/records/0/data»base64»"];
    let carried = carried.iter().filter_map(|it| event.get(&Path::from((*it).to_owned())));
    if let Some(command) = carried.filter_map(nested::command).next() {
        return command;
    }
    match source {
        EventSource::Sns => {
            event.get(&Path::from("/Records/0/Sns".to_owned())).map(publish).unwrap_or_default()
        }
        EventSource::EventBridge if text("/source") == "aws.s3" => {
            format!("aws s3api put-object --bucket \"$BUCKET\" --key={}", quote(&text("/detail/object/key")))
        }
        EventSource::EventBridge => {
            let entry = json!({
                "Source": text("/source"),
                "DetailType": text("/detail-type"),
                "Detail": text("/detail"),
            });
            // The shell puts the bus between two quoted halves.
            let entry = entry.to_string();
            let head = format!("[{},\"EventBusName\":\"", entry.strip_suffix('}').unwrap_or(&entry));
            format!("aws events put-events --entries={}\"$BUS\"{}", quote(&head), quote("\"}]"))
        }
        EventSource::Kinesis => format!(
            "aws kinesis put-record --stream-name \"$STREAM\" --partition-key={} --data={}",
            quote(&text("/Records/0/kinesis/partitionKey")),
            data("/Records/0/kinesis/data»base64»")
        ),
        EventSource::AuthorizerToken => {
            let header = format!("Authorization: {}", text("/authorizationToken"));
            format!("curl -sS -H {} \"$API_URL\"/orders", quote(&header))
        }
        EventSource::Firehose => format!(
            "aws firehose put-record --delivery-stream-name \"$STREAM\" --record='{{\"Data\":\"{}\"}}'",
            data("/records/0/data»base64»")
        ),
        EventSource::S3Batch => {
            let key = text("/tasks/0/s3Key»s3-key»");
            format!(
                "aws s3api put-object --bucket \"$BUCKET\" --key={}\n\
                 # and run the job whose manifest has the objects of that bucket",
                quote(&key)
            )
        }
        EventSource::S3ObjectLambda => {
            let url = text("/userRequest/url");
            // The signature covers them, so only a signing client can send them: curl can.
            let mut words = vec![
                "curl --globoff --path-as-is -sS --aws-sigv4 \"aws:amz:$AWS_REGION:s3-object-lambda\" \
                 --user \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\""
                    .to_owned(),
            ];
            if event.get(&Path::root().member("headObjectContext")).is_some() {
                words.push("--head".to_owned());
            }
            let headers = event.get(&Path::from("/userRequest/headers".to_owned()));
            if let Some(Node::Object(members)) = headers {
                let own = members.iter().filter(|(name, _)| name != "Host" && name != "X-Amz-Content-SHA256");
                words.extend(
                    own.map(|(name, it)| format!("-H {}", quote(&format!("{name}: {}", it.to_text())))),
                );
            }
            let url = utf8_percent_encode(&url, OUTSIDE_URL);
            words.push(format!("\"$ACCESS_POINT_URL\"{}", quote(&format!("/{url}"))));
            words.join(" ")
        }
        EventSource::CloudWatchLogs => {
            let message = text("/awslogs/data»base64»gzip»json»/logEvents/0/message");
            format!("# whatever makes the application log this line:\nprintf '%s\\n' {}", quote(&message))
        }
        _ => invoke(&event.to_value().unwrap_or_default()),
    }
}
