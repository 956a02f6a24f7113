//! The wire model: what a sender does, from which AWS makes an event.
//!
//! An event is always rendered from here, never edited: so every derived field (checksums,
//! decoded copies, sizes) agrees with what the sender controls, and every event is one that AWS
//! could deliver. One file per kind of sender; `leaves` and `media` serve several of them.

pub(crate) mod doc;
pub mod dynamodb;
pub(crate) mod event;
pub mod facts;
pub mod http;
mod leaves;
pub mod media;
pub(crate) mod nested;
pub mod s3;
pub mod sqs;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    edit::Edit,
    point::{InjectionPoint, Locator, Path},
    source::EventSource,
    tree::Node,
    wire::{doc::Doc, dynamodb::DynamoDbBatch, http::HttpRequest, s3::S3Operation, sqs::SqsBatch},
};

/// Lambda's own limit for a synchronous event. AWS Lambda API, Invoke: 6 MB.
pub const MAX_EVENT_BYTES: usize = 6 * 1024 * 1024;

/// What a sender does.
#[allow(clippy::large_enum_variant, reason = "a test case holds one; a box would show in every match")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wire {
    /// Sends an HTTP request.
    Http(HttpRequest),
    /// Changes an object in a bucket.
    S3(S3Operation),
    /// Sends messages to a queue.
    Sqs(SqsBatch),
    /// Writes items to a table.
    DynamoDb(DynamoDbBatch),
    /// Makes an event of a source without a model of its own: see `event`.
    Event(Node),
}

/// What each kind of sender can say about the leaves it controls.
///
/// `describe` is the authority: a locator that it does not know is gone.
pub(crate) trait Leaves {
    /// The controlled leaves in stable order: data first, routing last.
    fn locators(&self, source: EventSource) -> Vec<Locator>;
    /// What can be sent there.
    fn describe(&self, source: EventSource, at: &Locator) -> Option<InjectionPoint>;
    /// The text there now. `None` for names, and if the place is gone.
    fn text(&self, at: &Locator) -> Option<String>;
    /// Replaces the text. For names: adds a member of that name.
    fn set(&mut self, at: &Locator, text: &str) -> bool;
    /// Adds a leaf.
    fn add(&mut self, at: &Locator, text: &str) -> bool;
    /// Removes a leaf.
    fn remove(&mut self, at: &Locator) -> bool;
    /// Replaces a part of a tree.
    fn set_node(&mut self, at: &Locator, node: &Node) -> bool;
    /// Makes one of the edits that only this kind of sender knows.
    fn edit(&mut self, edit: &Edit) -> bool;
    /// The part of a tree at `at`, or the text there.
    fn part(&self, at: &Locator) -> Option<Node> {
        self.text(at).map(Node::Text)
    }
    /// Whether a sender decides that something is at `at`, and not only what its text is.
    fn may_change(&self, _source: EventSource, _at: &Locator) -> bool {
        true
    }
    /// How many bytes the event has at most, without rendering it.
    fn most_bytes(&self) -> usize;
    /// Whether AWS accepts the whole.
    fn sendable(&self, source: EventSource) -> bool;
}

impl Wire {
    /// The event that `source` makes of this.
    ///
    /// If `source` is of another kind than the sender, the sender's own kind is used.
    pub fn render(&self, source: EventSource) -> Value {
        self.doc(source).into_value()
    }

    /// As [`Wire::render`], to be written.
    pub(crate) fn doc(&self, source: EventSource) -> Doc<'_> {
        match self {
            Wire::Http(request) => http::doc(source, request),
            Wire::S3(operation) => operation.doc(),
            Wire::Sqs(batch) => batch.doc(),
            Wire::DynamoDb(batch) => batch.doc(),
            Wire::Event(event) => event::doc(source, event),
        }
    }

    /// What a sender must have done for `source` to deliver `event`. `None` if the event lacks
    /// what every event of that source has; it can then still be invoked directly.
    ///
    /// Best effort: what the wire model does not hold is lost.
    pub fn parse(source: EventSource, event: &Value) -> Option<Wire> {
        match source {
            _ if source.is_http() => http::parse(source, event).map(Wire::Http),
            EventSource::S3 => S3Operation::parse(event).map(Wire::S3),
            EventSource::Sqs => SqsBatch::parse(event).map(Wire::Sqs),
            EventSource::DynamoDbStream => DynamoDbBatch::parse(event).map(Wire::DynamoDb),
            _ => event::parse(source, event).map(Wire::Event),
        }
    }

    /// Whether a service has written into a text: then [`Wire::renew_nested`] may change something.
    pub(crate) fn nests(&self, source: EventSource) -> bool {
        match self {
            Wire::Sqs(batch) => batch.messages.iter().any(|it| nested::is_written(&it.body)),
            Wire::Event(event) => event::nests(source, event),
            Wire::Http(_) | Wire::S3(_) | Wire::DynamoDb(_) => false,
        }
    }

    /// Gives what services number inside of texts ids that follow from `salt`.
    pub(crate) fn renew_nested(&mut self, source: EventSource, salt: u64) {
        match self {
            Wire::Sqs(batch) => {
                for (index, message) in batch.messages.iter_mut().enumerate() {
                    nested::renew(&mut message.body, salt.wrapping_add(index as u64));
                }
            }
            Wire::Event(event) => {
                for rule in event::rules(source, event) {
                    nested::each_text(event, rule, &mut |text| nested::renew(text, salt));
                }
            }
            Wire::Http(_) | Wire::S3(_) | Wire::DynamoDb(_) => {}
        }
    }

    /// The injection points in stable order: data first, routing last.
    pub fn points(&self, source: EventSource) -> Vec<InjectionPoint> {
        let leaves = self.leaves();
        let locators = leaves.locators(source);
        locators.iter().filter_map(|at| leaves.describe(source, at)).collect()
    }

    /// The injection point at `at`, if there is one.
    pub fn point(&self, source: EventSource, at: &Locator) -> Option<InjectionPoint> {
        self.leaves().describe(source, at)
    }

    /// The way to `at` now, also where something with members has taken the place of a leaf.
    pub(crate) fn way(&self, source: EventSource, at: &Locator) -> Option<String> {
        if let Some(point) = self.point(source, at) {
            return Some(point.path);
        }
        let Locator::Body { path } = at else { return None };
        let body = self.point(source, &Locator::Body { path: Path::root() })?;
        Some(leaves::below(body.path(), path))
    }

    /// The text at `at` now. `None` for names, and if the place is gone.
    pub fn text(&self, at: &Locator) -> Option<String> {
        self.leaves().text(at)
    }

    /// The text at `at`, whatever is opened in it.
    pub fn whole_text(&self, at: &Locator) -> Option<String> {
        self.leaves().part(at).map(|it| it.to_text())
    }

    /// Whether there is a text at `at`, rather than a number, a boolean or null.
    pub fn holds_text(&self, at: &Locator) -> bool {
        !matches!(self.leaves().part(at), Some(Node::Number(_) | Node::Bool(_) | Node::Null | Node::Raw(_)))
    }

    pub(crate) fn leaves(&self) -> &dyn Leaves {
        match self {
            Wire::Http(request) => request,
            Wire::S3(operation) => operation,
            Wire::Sqs(batch) => batch,
            Wire::DynamoDb(batch) => batch,
            Wire::Event(event) => event,
        }
    }

    pub(crate) fn leaves_mut(&mut self) -> &mut dyn Leaves {
        match self {
            Wire::Http(request) => request,
            Wire::S3(operation) => operation,
            Wire::Sqs(batch) => batch,
            Wire::DynamoDb(batch) => batch,
            Wire::Event(event) => event,
        }
    }
}

#[cfg(test)]
mod tests;
