//! What makes a service write an event into a message, a topic or a stream.

use super::{event, invoke, quote, s3};
use crate::{
    source::EventSource,
    tree::{Node, Path},
    wire::{
        nested::{Writer, innermost},
        s3::S3Operation,
    },
};

/// Shell commands, one a line, that make services write `text`. `None` if an application wrote it.
pub(super) fn command(text: &Node) -> Option<String> {
    let (writer, content) = innermost(text)?;
    let (who, command) = match writer {
        Writer::S3 => {
            let event = content.to_value().unwrap_or_default();
            ("the bucket notifies it", S3Operation::parse(&event).map(|it| s3(&it)))
        }
        Writer::S3Test => ("the bucket tests it when it is told to notify it", None),
        Writer::Sns => ("the topic writes to it", Some(event::publish(content))),
        Writer::EventBridge => {
            ("a rule of the bus writes to it", Some(event::command(EventSource::EventBridge, content)))
        }
        Writer::CloudWatchLogs => {
            let line = Path::from("/logEvents/0/message".to_owned());
            let line = content.get(&line).map(Node::to_text).unwrap_or_default();
            (
                "a subscription writes to it what the application logs",
                Some(format!("printf '%s\\n' {}", quote(&line))),
            )
        }
        Writer::Lambda => {
            let request = content.get(&Path::root().member("requestPayload")).and_then(Node::to_value);
            let command = invoke(&request.unwrap_or_default()).replace("$FUNCTION", "$OTHER_FUNCTION");
            let command = command.replace(" --cli-binary", " --invocation-type Event --cli-binary");
            ("it is the destination of $OTHER_FUNCTION", Some(command))
        }
        Writer::DeadLetter => (
            "it is the dead-letter queue of a function that fails on it",
            Some(event::command(EventSource::Sns, content)),
        ),
    };
    let command = command.map(|it| format!("\n{it}")).unwrap_or_default();
    Some(format!("# {who}{}{command}", if command.is_empty() { "" } else { ":" }))
}
