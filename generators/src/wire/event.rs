//! Events of sources without a model of their own: the event itself, and rules that say which texts in it a sender controls.
//!
//! A rule names a place by its path, with `*` for any member or element and `**` for everything below. What a place holds is
//! opened, so a rule reaches through base64 and gzip, and points go on into whatever a text holds. Everything else is set by AWS
//! or by configuration. `direct` is the one source in which all is the caller's.
//!
//! A source is one file with one [`Sender`]: its rules, its shape, and the events that it delivers.

mod authorizer_token;
mod cloudwatch_logs;
mod eventbridge;
mod firehose;
mod kinesis;
mod sns;

use std::sync::LazyLock;

use serde_json::Value;

use crate::{
    edit::Edit,
    point::{Charset, Control, InjectionPoint, Locator, Path, Role},
    source::EventSource,
    tree::{Node, Step},
    wire::{
        Leaves, MAX_EVENT_BYTES,
        leaves::{self, below, is_named},
    },
};

/// What a sender controls in the events of one source.
pub(crate) struct Rule {
    /// Where: see the first lines of this file.
    place: Path,
    control: Control,
    charset: Charset,
    /// How many bytes the text there has at most, with all that is in it.
    max_bytes: usize,
    role: Role,
}

impl Rule {
    /// Any text that a sender chooses.
    fn new(place: &str, charset: Charset, max_bytes: usize) -> Rule {
        Rule {
            place: Path::from(place.to_owned()),
            control: Control::Attacker,
            charset,
            max_bytes,
            role: Role::Data,
        }
    }

    fn conditional(self) -> Rule {
        Rule { control: Control::Conditional, ..self }
    }

    fn routing(self) -> Rule {
        Rule { role: Role::Routing, ..self }
    }
}

/// A source without a model of its own.
pub(crate) trait Sender: Sync {
    /// What a sender controls in `event`; the first rule for a place counts.
    fn rules(&self, event: &Node) -> &'static [Rule];

    /// Where a function reads the texts of an application: chains of member names.
    fn reads(&self) -> &'static [&'static [&'static str]] {
        &[]
    }

    /// An event in which an application says `content`: JSON, or a text as it is.
    fn saying(&self, content: &Value) -> Value;

    /// What else the source delivers, each with a name.
    fn others(&self, _words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    /// The smallest event, which says nothing about the function.
    fn bare(&self, words: &dyn Vocabulary) -> Value {
        self.saying(&Value::from(words.word(0)))
    }
}

/// What is known of the texts that the function expects.
pub(crate) trait Vocabulary {
    /// An ordinary word; another one for another index.
    fn word(&self, index: usize) -> String;
    /// The names that the code reads below one of `places`, each with a value that fits it.
    fn pairs(&self, places: &[&[&str]]) -> Vec<(String, String)>;
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
fn rules(source: EventSource, event: &Node) -> &'static [Rule] {
    sender(source).map_or(&DIRECT, |sender| sender.rules(event))
}

/// `content` as the text that an application sends.
fn as_text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        content => content.to_string(),
    }
}

/// The rule for a place, and what is left of its path inside the text there.
fn rule_at<'p>(rules: &'static [Rule], path: &'p Path) -> Option<(&'static Rule, &'p [Step])> {
    rules.iter().find_map(|rule| Some((rule, inside(&rule.place.0, &path.0)?)))
}

/// What is left of `path` behind `place`. `None` if it is not there.
fn inside<'p>(place: &[Step], path: &'p [Step]) -> Option<&'p [Step]> {
    let mut rest = path;
    for wanted in place {
        if matches!(wanted, Step::Member { name, .. } if name == "**") {
            let end = rest.iter().position(|it| matches!(it, Step::Open(_))).unwrap_or(rest.len());
            return Some(&rest[end..]);
        }
        let (step, behind) = rest.split_first()?;
        let fits = match wanted {
            Step::Member { name, .. } if name == "*" => !matches!(step, Step::Open(_)),
            wanted => wanted == step,
        };
        if !fits {
            return None;
        }
        rest = behind;
    }
    let at_end = rest.first().is_none_or(|step| matches!(step, Step::Open(_)));
    at_end.then_some(rest)
}

/// The event of a sender, if it has what every event of that source has: what the rules reach through is opened.
pub(crate) fn parse(source: EventSource, event: &Value) -> Option<Node> {
    let mut node = Node::from(event.clone());
    if sender(source).is_none() {
        return Some(node);
    }
    let rules = rules(source, &node);
    for rule in rules {
        open_along(&mut node, &rule.place.0);
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

/// Opens what the codecs in `place` say.
fn open_along(node: &mut Node, place: &[Step]) {
    let Some((step, rest)) = place.split_first() else { return };
    match (step, node) {
        (Step::Open(codec), node) => {
            if let Node::Text(_) | Node::Bytes(_) = node
                && let Some(content) = codec.decode(&node.to_bytes())
            {
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
        let mut named = None;
        self.walk(&Path::root(), &mut |path, node| {
            let Some((_, rest)) = rule_at(rules, path) else { return };
            if node.is_leaf() && !matches!(node, Node::Bytes(_)) {
                found.push(Locator::Json { path: path.clone() });
            }
            let is_open = source == EventSource::Direct || !rest.is_empty() || is_free(rules, path);
            if matches!(node, Node::Object(_)) && is_open && is_named(path) && named.is_none() {
                named = Some(Locator::JsonName { path: path.clone() });
            }
        });
        found.extend(named);
        found
    }

    fn describe(&self, source: EventSource, at: &Locator) -> Option<InjectionPoint> {
        let (Locator::Json { path: inside } | Locator::JsonName { path: inside }) = at else { return None };
        let (rule, rest) = rule_at(rules(source, self), inside)?;
        let node = self.get(inside)?;
        let path = below("", inside);
        let (path, role) = match at {
            Locator::Json { .. } if node.is_leaf() => (path, rule.role),
            Locator::JsonName { .. } if matches!(node, Node::Object(_)) && is_named(inside) => {
                (format!("{path}/ (name)"), Role::Routing)
            }
            _ => return None,
        };
        // Leaves room for the rest and for escapes.
        let room = if rule.max_bytes == MAX_EVENT_BYTES || !rest.is_empty() { 8 } else { 1 };
        Some(InjectionPoint {
            locator: at.clone(),
            control: rule.control,
            charset: leaves::charset(rule.charset, &Path(rest.to_vec())),
            max_bytes: rule.max_bytes / room,
            role,
            path: if path.is_empty() { "/".to_owned() } else { path },
        })
    }

    fn text(&self, at: &Locator) -> Option<String> {
        match at {
            Locator::Json { path } => self.leaf_text(path),
            _ => None,
        }
    }

    fn set(&mut self, at: &Locator, text: &str) -> bool {
        match at {
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
            Locator::Json { path } => Node::set(self, path, node.clone()),
            _ => false,
        }
    }

    fn edit(&mut self, _edit: &Edit) -> bool {
        false
    }

    fn may_change(&self, source: EventSource, at: &Locator) -> bool {
        let (Locator::Json { path } | Locator::JsonName { path }) = at else { return false };
        if source == EventSource::Direct {
            return true;
        }
        let rules = rules(source, self);
        // A text can be given other content; that it is there is AWS's doing, unless it is inside such a text.
        rule_at(rules, path).is_some_and(|(_, rest)| !rest.is_empty()) || is_free(rules, path)
    }

    fn sendable(&self, source: EventSource) -> bool {
        // Lambda takes JSON that its parser takes.
        if self.to_value().is_none() {
            return false;
        }
        let rules = rules(source, self);
        // What holds members stays what it is.
        let mut fits = rules.iter().all(|rule| match rule.place.0.as_slice() {
            [parents @ .., Step::Member { name, .. }] if name == "**" && !parents.is_empty() => {
                matches!(self.get(&Path(parents.to_vec())), Some(Node::Object(_)))
            }
            _ => true,
        });
        self.walk(&Path::root(), &mut |path, node| {
            if let Some((rule, [])) = rule_at(rules, path)
                && rule.max_bytes < MAX_EVENT_BYTES
                && !matches!(node, Node::Object(_) | Node::Array(_))
            {
                let bytes = node.to_bytes();
                let text = std::str::from_utf8(&bytes);
                fits &= bytes.len() <= rule.max_bytes
                    && !(bytes.is_empty() && rule.charset.needs_text())
                    && text.is_ok_and(|text| rule.charset.refused(text).is_none());
            }
        });
        fits
    }
}

/// Whether `path` is somewhere below a `**`: there a sender makes the members, too.
fn is_free(rules: &'static [Rule], path: &Path) -> bool {
    let below_all = |rule: &Rule| {
        matches!(rule.place.0.last(), Some(Step::Member { name, .. }) if name == "**")
            && path.0.len() + 1 >= rule.place.0.len()
            && inside(&rule.place.0, &path.0).is_some()
    };
    rules.iter().any(below_all)
}

#[cfg(test)]
mod tests;
