//! Events inside of events: what a service wrote into a message, a record or a log, and a function reads from there.
//!
//! A bucket that notifies a queue writes S3's notification into the body of the message. Whoever uploads says the key in it, as S3
//! encodes it, and nothing else; only who may write to the queue can say more. So what is in such a text follows the rules of the
//! service that wrote it, to any depth: a notification of S3 in one of SNS in a message. AWS's documents of each are named where
//! the rules are.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::{
    codec::Codec,
    point::{Charset, Control, InjectionPoint, Path, Role},
    source::EventSource,
    tree::{Node, Step},
    wire::{
        MAX_EVENT_BYTES,
        event::{Rule, inside, keeps, open_along, rules, visit},
        facts,
    },
};

/// A service that writes events into texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writer {
    /// S3, into a queue or a topic. Amazon S3 user guide, "Event message structure".
    S3,
    /// S3, when it is told to notify a queue or a topic. The same guide, "Enabling event notifications".
    S3Test,
    /// SNS, into a queue. Amazon SNS developer guide, "Fanout to Amazon SQS queues": without raw message delivery.
    Sns,
    /// An event bus, into a queue, a topic or a stream. Amazon EventBridge user guide, "Events".
    EventBridge,
    /// CloudWatch Logs, into a stream. Amazon CloudWatch Logs user guide, "Subscription filters".
    CloudWatchLogs,
    /// Lambda, into the destination of an asynchronous invocation. AWS Lambda developer guide, "Capturing records of Lambda
    /// asynchronous invocations".
    Lambda,
    /// Lambda, into a dead-letter queue: the event that another function got from a topic. The same guide, "Adding a dead-letter
    /// queue".
    DeadLetter,
}

static S3: LazyLock<Vec<Rule>> =
    LazyLock::new(|| vec![Rule::new("/Records/*/s3/object/key»s3-key»", Charset::ObjectKey, 1_024)]);

static SNS: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    // Amazon SNS API, Publish.
    let most = 256 * 1_024;
    vec![
        Rule::new("/Message", Charset::NonEmpty, most),
        Rule::new("/Subject", Charset::Subject, 99),
        Rule::new("/MessageAttributes/*/Value", Charset::NonEmpty, most / 2),
    ]
});

static LOGS: LazyLock<Vec<Rule>> =
    LazyLock::new(|| vec![Rule::new("/logEvents/*/message", Charset::NonEmpty, 1_048_576)]);

static LAMBDA: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    // Who invokes the other function says the one, and what that makes of it is the other.
    let most = MAX_EVENT_BYTES;
    vec![
        Rule::new("/requestPayload/**", Charset::Any, most).conditional(),
        Rule::new("/responsePayload/**", Charset::Any, most).conditional(),
    ]
});

static NOTHING: LazyLock<Vec<Rule>> = LazyLock::new(Vec::new);

impl Writer {
    /// Who wrote this content of a text. `None` if it looks like nobody's but an application's.
    pub(crate) fn of(content: &Node) -> Option<Writer> {
        let Node::Object(members) = content else { return None };
        // Nearly all texts are an application's, so one look at each name says that.
        let is_of_service = |(name, _): &(String, Node)| {
            matches!(
                &**name,
                "Records" | "TopicArn" | "detail-type" | "requestPayload" | "logEvents" | "Event"
            )
        };
        if !members.iter().any(is_of_service) {
            return None;
        }
        let has = |name: &str| content.member(name).is_some();
        let is =
            |name: &str, wanted: &str| matches!(content.member(name), Some(Node::Text(it)) if it == wanted);
        let record = |name: &str| content.at(&["Records", "0", name]);
        if has("Records") {
            return match record("eventSource") {
                Some(Node::Text(it)) if it == "aws:s3" && record("s3").is_some() => Some(Writer::S3),
                _ => record("Sns").map(|_| Writer::DeadLetter),
            };
        }
        if is("Type", "Notification") && has("TopicArn") && has("Message") {
            return Some(Writer::Sns);
        }
        if has("detail-type") && has("detail") && has("source") {
            return Some(Writer::EventBridge);
        }
        if has("requestContext") && has("requestPayload") && has("version") {
            return Some(Writer::Lambda);
        }
        if has("messageType") && has("logGroup") && has("logEvents") {
            return Some(Writer::CloudWatchLogs);
        }
        (is("Event", "s3:TestEvent") && has("Bucket")).then_some(Writer::S3Test)
    }

    /// What others control in what it wrote.
    fn rules(self, content: &Node) -> &'static [Rule] {
        match self {
            Writer::S3 => &S3,
            Writer::S3Test => &NOTHING,
            Writer::Sns => &SNS,
            Writer::EventBridge => rules(EventSource::EventBridge, content),
            Writer::CloudWatchLogs => &LOGS,
            Writer::Lambda => &LAMBDA,
            Writer::DeadLetter => rules(EventSource::Sns, content),
        }
    }

    /// Which id of a delivery it gives, to be renewed as those of the event around it.
    fn id(self) -> Option<&'static str> {
        match self {
            Writer::Sns => Some("MessageId"),
            Writer::EventBridge => Some("id"),
            Writer::S3 | Writer::S3Test | Writer::CloudWatchLogs | Writer::Lambda | Writer::DeadLetter => {
                None
            }
        }
    }
}

/// Who says what is at a place in a text.
#[derive(Clone, Debug)]
pub(crate) enum Said<'p> {
    /// Whoever says the text: it holds nothing that a service wrote.
    Own,
    /// A service wrote the text as a whole.
    Whole,
    /// A service wrote this.
    Service,
    /// Somebody told a service.
    Told(Told<'p>),
}

/// What somebody told the service that wrote it down.
#[derive(Clone, Debug)]
pub(crate) struct Told<'p> {
    /// What can be said there.
    pub(crate) rule: &'static Rule,
    /// The place inside of the text of that rule.
    pub(crate) rest: &'p [Step],
    /// Who can say it, all services on the way considered.
    pub(crate) control: Control,
    freedom: Freedom,
}

/// What somebody decides, besides what a text says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Freedom {
    /// Nothing: a service decides that something is there.
    Text,
    /// That it is there, and what it is.
    All,
}

impl Told<'_> {
    /// Which characters survive in a text of which `outer` is let through.
    fn charset(&self, outer: Charset) -> Charset {
        let own = super::leaves::charset(self.rule.charset, &Path(self.rest.to_vec()));
        match (outer, own) {
            (_, Charset::Any) | (Charset::SqsText, Charset::NonEmpty) => outer,
            _ => own,
        }
    }

    /// How many bytes a text there has at most.
    fn max_bytes(&self) -> usize {
        // Leaves room for what else is in the text, and for escapes.
        let shared = !self.rest.is_empty() || self.rule.whole().is_some();
        self.rule.max_bytes / if shared { 8 } else { 1 }
    }

    /// Binds a point that whoever writes the text would have to what this sender can say.
    pub(crate) fn bound(&self, point: &mut InjectionPoint) {
        point.charset = self.charset(point.charset);
        point.max_bytes = point.max_bytes.min(self.max_bytes());
        point.control = point.control.max(self.control);
        if point.role == Role::Data {
            point.role = self.rule.role;
        }
    }
}

impl Said<'_> {
    /// Whether whoever says it decides that something is there, and not only what its text is.
    pub(crate) fn may_change(&self) -> bool {
        match self {
            Said::Own => true,
            Said::Whole | Said::Service => false,
            Said::Told(told) => told.freedom == Freedom::All,
        }
    }

    /// Whether whoever says it can add a name to the object there.
    pub(crate) fn may_be_named(&self) -> bool {
        match self {
            Said::Told(told) => told.freedom == Freedom::All || told.rule.whole().is_some(),
            said => said.may_change(),
        }
    }
}

/// Who says what is at `path` in `text`.
pub(crate) fn said<'p>(text: &Node, path: &'p [Step]) -> Said<'p> {
    let Some((depth, content, writer)) = written(text) else { return Said::Own };
    match path.get(depth..) {
        // The text, or one of the codings around what the service wrote.
        None => Said::Whole,
        Some(path) => told(writer.rules(content), content, path),
    }
}

/// Whether a service wrote `text`.
pub(crate) fn is_written(text: &Node) -> bool {
    written(text).is_some()
}

/// What a service wrote into `text`, and how many codecs are around it.
fn written(text: &Node) -> Option<(usize, &Node, Writer)> {
    let (mut depth, mut node) = (0, text);
    while let Node::Opened(codec, content) = node {
        (depth, node) = (depth + 1, content);
        if *codec == Codec::Json {
            return Writer::of(node).map(|writer| (depth, node, writer));
        }
    }
    None
}

fn told<'p>(rules: &'static [Rule], content: &Node, path: &'p [Step]) -> Said<'p> {
    let found = rules.iter().find_map(|rule| Some((rule, inside(&rule.place.0, path)?)));
    let Some((rule, rest)) = found.filter(|(rule, _)| rule.control != Control::Aws) else {
        return Said::Service;
    };
    let below = match rule.whole() {
        // An event that another function got, as a part of this one.
        Some(parents) => {
            let part = content.get(&Path(parents.to_vec()));
            match part.and_then(|it| Some((it, Writer::of(it)?))) {
                Some((part, writer)) => {
                    told(writer.rules(part), part, &path[parents.len().min(path.len())..])
                }
                None => Said::Own,
            }
        }
        None => {
            let text = content.get(&Path(path[..path.len() - rest.len()].to_vec()));
            text.map_or(Said::Own, |text| said(text, rest))
        }
    };
    match below {
        Said::Own => {
            // Without what holds it all it would be no event of that service.
            let is_below = rule.whole().is_some_and(|parents| path.len() > parents.len());
            let freedom = if is_below || !rest.is_empty() { Freedom::All } else { Freedom::Text };
            Said::Told(Told { rule, rest, control: rule.control, freedom })
        }
        Said::Told(inner) => Said::Told(Told { control: inner.control.max(rule.control), ..inner }),
        other => other,
    }
}

/// Opens what the services that wrote into `text` encode.
pub(crate) fn open(text: &mut Node) {
    each_event(text, &mut |_, rules, content| {
        rules.iter().for_each(|rule| open_along(content, &rule.place.0))
    });
}

/// Gives what the services in `text` number ids that follow from `salt`.
pub(crate) fn renew(text: &mut Node, salt: u64) {
    each_event(text, &mut |writer, _, content| {
        let id = writer.id().and_then(|name| content.get_mut(&Path::root().member(name)));
        if let Some(Node::Text(id)) = id {
            *id = facts::renewed(id, salt);
        }
    });
}

/// Calls `change` for every event in `text`, from the outside in.
fn each_event(text: &mut Node, change: &mut dyn FnMut(Writer, &'static [Rule], &mut Node)) {
    if written(text).is_none() {
        return;
    }
    let mut content = text;
    while let Node::Opened(_, inner) = content {
        content = inner;
    }
    each_event_of(content, change);
}

fn each_event_of(content: &mut Node, change: &mut dyn FnMut(Writer, &'static [Rule], &mut Node)) {
    let Some(writer) = Writer::of(content) else { return };
    let rules = writer.rules(content);
    change(writer, rules, content);
    for rule in rules {
        if let Some(parents) = rule.whole() {
            if let Some(part) = content.get_mut(&Path(parents.to_vec())) {
                each_event_of(part, change);
            }
            continue;
        }
        each_text(content, rule, &mut |text| each_event(text, change));
    }
}

/// Calls `change` for the texts at the place of `rule`. What is below a place an application wrote for itself.
pub(crate) fn each_text(content: &mut Node, rule: &Rule, change: &mut dyn FnMut(&mut Node)) {
    if rule.is_below_all() {
        return;
    }
    let mut places = Vec::new();
    content.walk(&Path::root(), &mut |path, _| {
        places.extend(rule.is_of(path).then(|| path.clone()));
    });
    for place in places {
        if let Some(text) = content.get_mut(&place) {
            change(text);
        }
    }
}

/// Whether the services that wrote into `text` let all of it through.
pub(crate) fn fits(text: &Node) -> bool {
    written(text).is_none_or(|(_, content, _)| fits_of(content))
}

fn fits_of(content: &Node) -> bool {
    let Some(writer) = Writer::of(content) else { return true };
    let rules = writer.rules(content);
    // What a function was invoked with and what it returned can be anything.
    let mut all = content.is_json() && (writer == Writer::Lambda || keeps(rules, content));
    for rule in rules {
        if let Some(parents) = rule.whole() {
            all &= content.get(&Path(parents.to_vec())).is_none_or(fits_of);
        }
    }
    visit(rules.iter().map(|rule| &*rule.place.0), content, &mut |it| {
        let rule = &rules[it.place];
        all &= rule.takes(it.node) && (rule.whole().is_some() || fits(it.node));
    });
    all
}

/// What the innermost service wrote into `text`, and which one it is.
pub(crate) fn innermost(text: &Node) -> Option<(Writer, &Node)> {
    let (_, content, writer) = written(text)?;
    let message = match writer {
        Writer::Sns => content.member("Message"),
        _ => None,
    };
    message.and_then(innermost).or(Some((writer, content)))
}

/// What Lambda tells the destination of an asynchronous invocation.
pub(crate) fn lambda_destination(request: Value, response: Value) -> Value {
    let function = format!("arn:aws:lambda:{}:{}:function:orders:$LATEST", facts::REGION, facts::ACCOUNT);
    json!({
        "version": "1.0",
        "timestamp": facts::ISO_TIME,
        "requestContext": {
            "requestId": facts::uuid("destination", 0),
            "functionArn": function,
            "condition": "Success",
            "approximateInvokeCount": 1,
        },
        "requestPayload": request,
        "responseContext": { "statusCode": 200, "executedVersion": "$LATEST" },
        "responsePayload": response,
    })
}

#[cfg(test)]
mod tests;
