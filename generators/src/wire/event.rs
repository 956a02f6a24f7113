//! Events of sources without a model of their own: the event itself, and rules that say which texts in it a sender controls.
//!
//! A rule names a place by its path, with `*` for any member or element and `**` for everything below. What a place holds is
//! opened, so a rule reaches through base64 and gzip, and points go on into whatever a text holds. Everything else is set by AWS
//! or by configuration, and what shows twice is copied when the event is rendered. `direct` is the one source in which all is
//! the caller's.
//!
//! A source is one file with one [`Sender`]: its rules, its shape, and the events that it delivers.

mod activemq;
pub(crate) mod appsync;
mod authorizer_token;
mod bedrock_agent;
mod cloudformation;
mod cloudfront;
mod cloudwatch_logs;
mod cognito;
mod config;
mod connect;
mod eventbridge;
mod firehose;
pub(crate) mod iot;
mod iot_authorizer;
mod kafka;
mod kinesis;
mod lex;
mod rabbitmq;
mod rule;
mod s3_batch;
mod s3_object_lambda;
mod ses;
mod sns;
pub(crate) mod step_functions;
mod transfer;
mod visit;

use std::sync::LazyLock;

use serde_json::Value;

use crate::{
    codec::{self, Codec},
    edit::Edit,
    point::{Charset, Control, InjectionPoint, Locator, Path, Role},
    source::EventSource,
    tree::{Node, Step},
    wire::{
        Leaves, MAX_EVENT_BYTES,
        doc::Doc,
        leaves::{self, below, is_named},
        nested::{self, Said, Writer},
    },
};

pub(crate) use cloudwatch_logs::log_data;
use rule::{Freedom, Spelling, is_text};
pub(crate) use rule::{Rule, inside};
pub(crate) use sns::notification;
use visit::Visit;
pub(crate) use visit::visit;

/// A source without a model of its own.
pub(crate) trait Sender: Sync {
    /// What a sender controls in `event`; the first rule for a place counts.
    fn rules(&self, event: &Node) -> &'static [Rule];

    /// Whether AWS sets what is at `path`, although a rule names it.
    fn sets(&self, _event: &Node, _path: &Path) -> bool {
        false
    }

    /// Whether AWS takes the whole, beyond what the rules say.
    fn accepts(&self, _event: &Node) -> bool {
        true
    }

    /// What an application can say in these events.
    fn content(&self) -> Content {
        Content::Json
    }

    /// Where a function reads the texts of an application: chains of member names.
    fn reads(&self) -> &'static [&'static [&'static str]] {
        &[]
    }

    /// An event in which an application says `content`: JSON, or a text as it is.
    fn saying(&self, content: &Value) -> Value;

    /// An event with `content` that `writer` has written. `None` if it writes nothing into events of this source.
    fn carrying(&self, _writer: Writer, _content: &[u8]) -> Option<Value> {
        None
    }

    /// What else the source delivers, each with a name.
    fn others(&self, _words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    /// The same as [`Sender::saying`] in other events of the source, each with a name.
    fn saying_elsewhere(&self, _content: &Value, _words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    /// Members that are called as an application or its configuration wants: JSON pointers. Where the code compares one
    /// with a constant, it is called so.
    fn called(&self, _event: &Value) -> &'static [&'static str] {
        &[]
    }

    /// Turns an event into what was said: takes out what AWS computes, and decodes what it encodes.
    fn said(&self, _event: &mut Value) {}

    /// Undoes [`Sender::said`], and writes what follows from the rest: copies, sizes. `event` is what a sender said.
    fn delivered<'n>(&self, _said: &'n Node, _event: &mut Doc<'n>) {}

    /// The smallest event, which says nothing about the function.
    fn bare(&self, words: &dyn Vocabulary) -> Value {
        self.saying(&Value::from(words.word(0)))
    }
}

/// What an application can say in the events of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// A document of its own.
    Json,
    /// Texts at places with fixed names only: `others` makes the events.
    Texts,
}

/// What is known of the texts that the function expects.
pub(crate) trait Vocabulary {
    /// An ordinary word; another one for another index.
    fn word(&self, index: usize) -> String;
    /// The names that the code reads below one of `places`, each with a value that fits it.
    fn pairs(&self, places: &[&[&str]]) -> Vec<(String, String)>;
    /// The same; where none are known, but the code reads something from these places, names of which nobody knows where they
    /// belong.
    fn likely_pairs(&self, places: &[&[&str]]) -> Vec<(String, String)>;
    /// What the code reads below the keys `place`, each value of the kind that it is used as.
    fn object(&self, place: &[&str]) -> Option<Value>;
    /// Whether the code has this word anywhere.
    fn mentions(&self, word: &str) -> bool;
    /// Whether `text` is a literal in the code.
    fn has_literal(&self, text: &str) -> bool;
    /// The key of an object in a folder and with an extension that the code asks for; another one for another index.
    fn object_key(&self, index: usize) -> String;
}

/// The sender of this source. `None` for those that have a model of their own, and for direct invocation.
pub(crate) fn sender(source: EventSource) -> Option<&'static dyn Sender> {
    Some(match source {
        EventSource::AuthorizerToken => &authorizer_token::AuthorizerToken,
        EventSource::Sns => &sns::Sns,
        EventSource::EventBridge => &eventbridge::EventBridge,
        EventSource::Kinesis => &kinesis::Kinesis,
        EventSource::Firehose => &firehose::Firehose,
        EventSource::CloudWatchLogs => &cloudwatch_logs::CloudWatchLogs,
        EventSource::S3Batch => &s3_batch::S3Batch,
        EventSource::S3ObjectLambda => &s3_object_lambda::S3ObjectLambda,
        EventSource::Kafka => &kafka::Kafka,
        EventSource::ActiveMq => &activemq::ActiveMq,
        EventSource::RabbitMq => &rabbitmq::RabbitMq,
        EventSource::Cognito => &cognito::Cognito,
        EventSource::CloudFront => &cloudfront::CloudFront,
        EventSource::AppSync => &appsync::AppSync,
        EventSource::Ses => &ses::Ses,
        EventSource::Iot => &iot::Iot,
        EventSource::CloudFormation => &cloudformation::CloudFormation,
        EventSource::Lex => &lex::Lex,
        EventSource::Connect => &connect::Connect,
        EventSource::Config => &config::Config,
        EventSource::IotAuthorizer => &iot_authorizer::IotAuthorizer,
        EventSource::BedrockAgent => &bedrock_agent::BedrockAgent,
        EventSource::Transfer => &transfer::Transfer,
        EventSource::StepFunctions => &step_functions::StepFunctions,
        EventSource::ApiGatewayRest
        | EventSource::ApiGatewayHttp
        | EventSource::FunctionUrl
        | EventSource::Alb
        | EventSource::AlbMulti
        | EventSource::WebSocket
        | EventSource::AuthorizerRequest
        | EventSource::AuthorizerHttp
        | EventSource::VpcLattice
        | EventSource::VpcLatticeV2
        | EventSource::S3
        | EventSource::Sqs
        | EventSource::DynamoDbStream
        | EventSource::Direct => return None,
    })
}

static DIRECT: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    // A test button, `aws lambda invoke`: only principals with permission can do this, so every leaf is conditional.
    vec![Rule::new("/**", Charset::Any, MAX_EVENT_BYTES).conditional()]
});

/// The rules for `event`.
pub(crate) fn rules(source: EventSource, event: &Node) -> &'static [Rule] {
    sender(source).map_or(&DIRECT, |sender| sender.rules(event))
}

/// `content` as the text that an application sends.
fn as_text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        content => content.to_string(),
    }
}

/// The rule for a place of `event`, and what is left of its path inside the text there.
fn rule_at<'p>(
    source: EventSource,
    event: &Node,
    rules: &'static [Rule],
    path: &'p Path,
) -> Option<(&'static Rule, &'p [Step])> {
    let found = rules.iter().find_map(|rule| Some((rule, inside(&rule.place.0, &path.0)?)))?;
    if found.0.control == Control::Aws {
        return None;
    }
    (!sender(source).is_some_and(|it| it.sets(event, path))).then_some(found)
}

/// Whether a service has written into a text of `event`.
pub(crate) fn nests(source: EventSource, event: &Node) -> bool {
    let texts = rules(source, event).iter().filter(|rule| !rule.is_below_all());
    let mut found = false;
    visit(texts.map(|rule| &*rule.place.0), event, &mut |it| found |= nested::is_written(it.node));
    found
}

/// Who says what is at `path`, where `rule` leaves `rest` of it: another service may have written the text there.
fn said_there<'p>(event: &Node, rule: &Rule, path: &Path, rest: &'p [Step]) -> Said<'p> {
    // Below a `**` is what an application wrote for itself.
    if rule.is_below_all() {
        return Said::Own;
    }
    let place = Path(path.0[..path.0.len() - rest.len()].to_vec());
    event.get(&place).map_or(Said::Own, |text| nested::said(text, rest))
}

/// The rule whose sender names the members of the object at `path`, for such a name.
fn naming_rule(rules: &'static [Rule], path: &Path) -> Option<Rule> {
    rules.iter().find_map(|rule| {
        let Freedom::Names { charset, max_bytes } = rule.freedom else { return None };
        let (_, parents) = rule.place.0.split_last()?;
        let fits = inside(parents, &path.0).is_some_and(<[Step]>::is_empty);
        fits.then(|| Rule { charset, max_bytes, ..rule.clone() })
    })
}

/// The event of a sender, if it has what every event of that source has: what the rules reach through is opened.
pub(crate) fn parse(source: EventSource, event: &Value) -> Option<Node> {
    let Some(sender) = sender(source) else { return Some(Node::from(event.clone())) };
    let mut event = event.clone();
    sender.said(&mut event);
    let mut node = Node::from(event);
    let rules = rules(source, &node);
    for rule in rules {
        open_along(&mut node, &rule.place.0);
        if rule.spelling == Spelling::Header {
            open_headers(&mut node, &rule.place.0);
        }
        nested::each_text(&mut node, rule, &mut nested::open);
    }
    // There are events in which nobody controls anything: a schedule's.
    let known = rules.is_empty()
        || rules.iter().any(|rule| {
            let mut found = false;
            node.walk(&Path::root(), &mut |path, _| found |= inside(&rule.place.0, &path.0).is_some());
            found
        });
    known.then_some(node)
}

/// The event that `source` delivers when a sender says `node`.
pub(crate) fn doc(source: EventSource, node: &Node) -> Doc<'_> {
    // Lambda refuses what no parser takes, so no such thing is in a sendable event.
    let mut event = Doc::of(node).unwrap_or(Doc::Null);
    if let Some(sender) = sender(source) {
        sender.delivered(node, &mut event);
    }
    event
}

/// Opens the headers at `place` as lists and credentials.
fn open_headers(node: &mut Node, place: &[Step]) {
    let Some((Step::Member { name, .. }, rest)) = place.split_first() else {
        if is_text(node) {
            *node = codec::open_header(node.to_text());
        }
        return;
    };
    match node {
        Node::Object(members) => {
            let members = members.iter_mut().filter(|(it, _)| name == "*" || it == name);
            members.for_each(|(_, it)| open_headers(it, rest));
        }
        Node::Array(elements) if name == "*" => elements.iter_mut().for_each(|it| open_headers(it, rest)),
        _ => {}
    }
}

/// Whether a header's value is opened as a list: all of it can be said as well.
fn is_list(node: &Node) -> bool {
    matches!(node, Node::Opened(Codec::HeaderList | Codec::HeaderListTight, _))
}

/// Opens what the codecs in `place` say.
pub(crate) fn open_along(node: &mut Node, place: &[Step]) {
    let Some((step, rest)) = place.split_first() else { return };
    match (step, node) {
        (Step::Open(codec), node) => {
            let is_closed = match codec {
                Codec::SignedBytes => matches!(node, Node::Array(_)),
                // It may look like something else.
                Codec::S3Key => is_text(node) && !matches!(node, Node::Opened(Codec::S3Key, _)),
                _ => matches!(node, Node::Text(_) | Node::Bytes(_)),
            };
            // What would be written differently stays closed.
            let bytes = node.to_bytes();
            let is_same = |it: &Node| {
                matches!(codec, Codec::Json | Codec::Gzip | Codec::S3Key) || codec.encode(it) == bytes
            };
            if is_closed && let Some(content) = codec.decode(&bytes).filter(is_same) {
                let content = match content {
                    Node::Text(_) | Node::Bytes(_) if rest.is_empty() => {
                        Node::guess(content.to_bytes(), None)
                    }
                    other => other,
                };
                *node = content.inside(*codec);
            }
            if let Node::Opened(known, content) = node
                && known == codec
            {
                open_along(content, rest);
            }
        }
        (Step::Member { name, .. }, Node::Object(members)) => {
            members
                .iter_mut()
                .filter(|(it, _)| name == "*" || it == name)
                .for_each(|(_, it)| open_along(it, rest));
        }
        (Step::Member { name, .. }, Node::Array(elements)) if name == "*" => {
            elements.iter_mut().for_each(|it| open_along(it, rest));
        }
        _ => {}
    }
}

impl Leaves for Node {
    fn locators(&self, source: EventSource) -> Vec<Locator> {
        let rules = rules(source, self);
        let mut found = Vec::new();
        let mut lists = Vec::new();
        let mut named = None;
        self.walk(&Path::root(), &mut |path, node| {
            let is_object = matches!(node, Node::Object(_)) && is_named(path);
            if named.is_none() && is_object && naming_rule(rules, path).is_some() {
                named = Some(Locator::JsonName { path: path.clone() });
            }
            let Some((rule, rest)) = rule_at(source, self, rules, path) else { return };
            let said = said_there(self, rule, path, rest);
            if matches!(said, Said::Service) {
                return;
            }
            let fits = rule.freedom == Freedom::Json || !rest.is_empty() || is_text(node);
            if node.is_leaf() && !matches!(node, Node::Bytes(_)) && fits {
                found.push(Locator::Json { path: path.clone() });
            }
            if is_list(node) && rest.is_empty() {
                lists.push(Locator::Json { path: path.clone() });
            }
            let is_open = source == EventSource::Direct || !rest.is_empty() || is_free(rules, path);
            if is_object && is_open && said.may_be_named() && named.is_none() {
                named = Some(Locator::JsonName { path: path.clone() });
            }
        });
        found.extend(lists);
        found.extend(named);
        found
    }

    fn describe(&self, source: EventSource, at: &Locator) -> Option<InjectionPoint> {
        let (Locator::Json { path: inside } | Locator::JsonName { path: inside }) = at else { return None };
        let rules = rules(source, self);
        let naming = match at {
            Locator::JsonName { .. } => naming_rule(rules, inside),
            _ => None,
        };
        let (rule, rest) = match &naming {
            Some(rule) => (rule, &[][..]),
            None => rule_at(source, self, rules, inside)?,
        };
        let node = self.get(inside)?;
        if rule.freedom != Freedom::Json && rest.is_empty() && naming.is_none() && !is_text(node) {
            return None;
        }
        let path = below("", inside);
        let (path, role) = match at {
            Locator::Json { .. } if node.is_leaf() => (path, rule.role),
            Locator::Json { .. } if is_list(node) && rest.is_empty() => (path, Role::Routing),
            Locator::JsonName { .. } if matches!(node, Node::Object(_)) && is_named(inside) => {
                (format!("{path}/ (name)"), Role::Routing)
            }
            _ => return None,
        };
        // Leaves room for the rest and for escapes.
        let shared = rule.max_bytes == MAX_EVENT_BYTES || !rest.is_empty() || rule.whole().is_some();
        let room = if shared { 8 } else { 1 };
        let mut point = InjectionPoint {
            locator: at.clone(),
            control: rule.control,
            charset: leaves::charset(rule.charset, &Path(rest.to_vec())),
            max_bytes: rule.max_bytes / room,
            role,
            path: if path.is_empty() { "/".to_owned() } else { path },
        };
        match said_there(self, rule, inside, rest) {
            Said::Service => return None,
            said if at.is_name() && !said.may_be_named() => return None,
            Said::Told(told) => told.bound(&mut point),
            Said::Whole => point.control = point.control.max(Control::Conditional),
            Said::Own => {}
        }
        Some(point)
    }

    fn text(&self, at: &Locator) -> Option<String> {
        match at {
            Locator::Json { path } => leaves::text_at(self, path),
            _ => None,
        }
    }

    fn set(&mut self, at: &Locator, text: &str) -> bool {
        match at {
            Locator::Json { path } if self.get(path).is_some_and(is_list) => {
                Node::set(self, path, Node::text(text))
            }
            Locator::Json { path } => self.set_leaf(path, text),
            Locator::JsonName { path } => self.add_name(path, text),
            _ => false,
        }
    }

    fn add(&mut self, at: &Locator, text: &str) -> bool {
        match at {
            Locator::Json { path } => self.insert(path, Node::text(text)),
            _ => Leaves::set(self, at, text),
        }
    }

    fn remove(&mut self, at: &Locator) -> bool {
        match at {
            Locator::Json { path } => Node::remove(self, path),
            _ => false,
        }
    }

    fn set_node(&mut self, at: &Locator, node: &Node) -> bool {
        match at {
            Locator::Json { path } => Node::set(self, path, node.clone()) && leaves::keeps_lists(self, path),
            _ => false,
        }
    }

    fn part(&self, at: &Locator) -> Option<Node> {
        match at {
            Locator::Json { path } => self.get(path).cloned(),
            _ => None,
        }
    }

    fn edit(&mut self, edit: &Edit) -> bool {
        match edit {
            Edit::ExtendName { at: Locator::Json { path }, suffix } => {
                leaves::extend_name(self, path, suffix)
            }
            _ => false,
        }
    }

    fn may_change(&self, source: EventSource, at: &Locator) -> bool {
        let (Locator::Json { path } | Locator::JsonName { path }) = at else { return false };
        if source == EventSource::Direct {
            return true;
        }
        let rules = rules(source, self);
        // A text can be given other content; that it is there is AWS's doing, unless it is inside such a text.
        // What AWS delivers stays what it is, however much of it a sender says. What AWS encodes is a sender's
        // bytes, whatever they are.
        if path.0.is_empty() && !at.is_name() {
            return false;
        }
        let said = |(rule, rest)| said_there(self, rule, path, rest);
        let allows = |said: Said<'_>| if at.is_name() { said.may_be_named() } else { said.may_change() };
        if !rule_at(source, self, rules, path).is_none_or(|found| allows(said(found))) {
            return false;
        }
        let is_content = |rule: &Rule| matches!(rule.place.0.last(), Some(Step::Open(_)));
        let is_inside = rule_at(source, self, rules, path)
            .is_some_and(|(rule, rest)| !rest.is_empty() || is_content(rule));
        let parents = Path(path.0[..path.0.len().saturating_sub(1)].to_vec());
        let is_set = sender(source).is_some_and(|it| it.sets(self, path));
        is_inside
            || !is_set
                && (is_free(rules, path)
                    || naming_rule(rules, path).is_some() && at.is_name()
                    || naming_rule(rules, &parents).is_some())
    }

    fn most_bytes(&self) -> usize {
        Node::most_bytes(self)
    }

    fn sendable(&self, source: EventSource) -> bool {
        // Lambda takes JSON that its parser takes.
        if !self.is_json() {
            return false;
        }
        if sender(source).is_some_and(|it| !it.accepts(self)) {
            return false;
        }
        let rules = rules(source, self);
        let mut fits = keeps(rules, self);
        visit(rules.iter().map(|rule| &*rule.place.0), self, &mut |it| {
            let (rule, node) = (&rules[it.place], it.node);
            if rule.control == Control::Aws {
                return;
            }
            let takes = rule.takes(node) && (rule.is_below_all() || nested::fits(node));
            // Asked last: it takes a path, and nearly all fits.
            fits &= takes || sender(source).is_some_and(|sender| sender.sets(self, &it.path()));
        });
        fits
    }
}

/// Whether what holds members is what it was, and no larger than it may be.
pub(crate) fn keeps(rules: &'static [Rule], event: &Node) -> bool {
    rules.iter().filter(|rule| rule.freedom == Freedom::Json).all(|rule| {
        let Some(parents) = rule.whole() else { return true };
        let mut all = true;
        let mut some = false;
        visit(std::iter::once(parents), event, &mut |Visit { node, .. }| {
            some = true;
            all &= matches!(node, Node::Object(_))
                && (rule.max_bytes == MAX_EVENT_BYTES || node.fits(rule.max_bytes));
        });
        some && all
    })
}

/// Whether `path` is somewhere below a `**`: there a sender makes the members, too.
fn is_free(rules: &'static [Rule], path: &Path) -> bool {
    let below_all = |rule: &Rule| {
        rule.freedom == Freedom::Json
            && matches!(rule.place.0.last(), Some(Step::Member { name, .. }) if name == "**")
            && path.0.len() + 1 >= rule.place.0.len()
            && inside(&rule.place.0, &path.0).is_some()
    };
    rules.iter().any(below_all)
}

#[cfg(test)]
mod tests;
