//! Injection points: the leaves of an event that a sender controls.
//!
//! A point is found in the wire model, not in the event, so it cannot name anything that a
//! sender does not send. This module says which characters and how many of them survive; how
//! a text is encoded on its way into the event is decided in `wire`.

mod charset;

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{codec::Codec, wire::Wire};

pub use crate::tree::{Path, Step};
pub use charset::Charset;
pub(crate) use charset::{is_attribute_name, is_number};

/// A leaf that a sender controls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InjectionPoint {
    /// Where it is in the wire model.
    pub locator: Locator,
    /// Who controls it.
    pub control: Control,
    /// Which characters survive.
    pub charset: Charset,
    /// How many bytes of UTF-8 survive, before any encoding.
    pub max_bytes: usize,
    /// Whether a text there changes how the rest of the event is read.
    pub role: Role,
    /// See [`InjectionPoint::path`].
    pub(crate) path: String,
}

impl InjectionPoint {
    /// The place in the event, as a JSON Pointer with `»codec»` where a text is decoded:
    /// `/body»json»/order/id`. A point that is a member *name* ends in ` (name)`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether `text` can be sent at this point.
    pub fn check(&self, text: &str) -> Result<(), NotPlanted> {
        if text.is_empty() && self.charset.needs_text() {
            return Err(NotPlanted::Empty);
        }
        if text.len() > self.max_bytes {
            return Err(NotPlanted::TooLong { max_bytes: self.max_bytes });
        }
        match self.charset.refused(text) {
            Some(refused) => Err(NotPlanted::Charset { refused }),
            None => Ok(()),
        }
    }
}

impl fmt::Display for InjectionPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}

/// Why a text was not planted. None of these is an error of evfuzz.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Error)]
pub enum NotPlanted {
    /// A character cannot travel there.
    #[error("{refused:?} cannot be sent there")]
    Charset {
        /// The first such character.
        refused: char,
    },
    /// AWS refuses a text of this size.
    #[error("longer than {max_bytes} bytes")]
    TooLong {
        /// What fits.
        max_bytes: usize,
    },
    /// AWS refuses an empty text.
    #[error("an empty text cannot be sent there")]
    Empty,
    /// Something else would arrive: a name that is there already or that AWS sets, an encoding that the place cannot hold.
    #[error("it would not arrive as it is")]
    Altered,
    /// The test case has no such point.
    #[error("the test case has no such injection point")]
    Gone,
}

impl NotPlanted {
    /// Kebab-case name, for counting.
    pub fn id(&self) -> &'static str {
        match self {
            NotPlanted::Charset { .. } => "charset",
            NotPlanted::TooLong { .. } => "too-long",
            NotPlanted::Empty => "empty",
            NotPlanted::Altered => "altered",
            NotPlanted::Gone => "gone",
        }
    }
}

/// Who controls a part of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Control {
    /// Any sender, in a normal deployment.
    Attacker,
    /// A sender with an account, or through an application that copies the text.
    Conditional,
    /// Computed by AWS from what the sender controls. Never a point.
    Derived,
    /// Set by AWS or by configuration. Never a point.
    Aws,
}

/// What a text at a point does to the rest of the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Nothing: all such points can be planted at once.
    Data,
    /// It may change which code reads the event: such a point is planted alone.
    Routing,
}

/// Where a leaf is in the wire model. Locators of one event source mean the same place in every
/// test case of that source.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Locator {
    /// HTTP: a query value, or a part of what it holds; `nth` counts values of that name.
    Query {
        /// Decoded name.
        name: String,
        /// 0 for the first value of that name.
        nth: usize,
        /// Place in the value; the root is all of it.
        #[serde(default, skip_serializing_if = "Path::is_root")]
        path: Path,
    },
    /// HTTP: the name of one more query parameter.
    QueryName,
    /// HTTP: the part of the path that fills `{name}` or `{name+}`.
    PathParameter {
        /// Name in the route.
        name: String,
        /// Place in the value; the root is all of it.
        #[serde(default, skip_serializing_if = "Path::is_root")]
        path: Path,
    },
    /// HTTP: the whole path.
    Path,
    /// HTTP: a header value, or a part of what it holds.
    Header {
        /// Name as the client sends it; compared without case.
        name: String,
        /// 0 for the first header of that name.
        nth: usize,
        /// Place in the value; the root is all of it.
        #[serde(default, skip_serializing_if = "Path::is_root")]
        path: Path,
    },
    /// HTTP: the name of one more header.
    HeaderName,
    /// HTTP: the value of a cookie, or a part of what it holds.
    Cookie {
        /// Name of the cookie.
        name: String,
        /// Place in the value; the root is all of it.
        #[serde(default, skip_serializing_if = "Path::is_root")]
        path: Path,
    },
    /// HTTP: the body, or a part of what it holds.
    Body {
        /// Place in the body; the root is all of it.
        path: Path,
    },
    /// HTTP: the name of one more member of an object in the body, or of one more form field.
    BodyName {
        /// The object.
        path: Path,
    },
    /// HTTP: text that an authorizer copied, such as a claim of a token.
    Authorizer {
        /// Place in `requestContext.authorizer`.
        path: Path,
    },
    /// S3: the object key.
    ObjectKey,
    /// S3: the session name of the uploader's role.
    Uploader,
    /// SQS: the body of a message, or a part of what it holds.
    Message {
        /// Index in the batch.
        record: usize,
        /// Place in the body; the root is all of it.
        path: Path,
    },
    /// SQS: the name of one more member of an object in the body of a message.
    MessageName {
        /// Index in the batch.
        record: usize,
        /// The object.
        path: Path,
    },
    /// SQS: the value of a message attribute, or a part of what it holds.
    MessageAttribute {
        /// Index in the batch.
        record: usize,
        /// Name of the attribute.
        name: String,
        /// Place in the value; the root is all of it.
        #[serde(default, skip_serializing_if = "Path::is_root")]
        path: Path,
    },
    /// SQS: the name of one more message attribute.
    MessageAttributeName {
        /// Index in the batch.
        record: usize,
    },
    /// SQS: the message group.
    MessageGroup {
        /// Index in the batch.
        record: usize,
    },
    /// SQS: the deduplication id.
    MessageDeduplication {
        /// Index in the batch.
        record: usize,
    },
    /// SQS: the session name of the sender's role.
    Sender {
        /// Index in the batch.
        record: usize,
    },
    /// DynamoDB: the value of a key attribute.
    Key {
        /// Index in the batch.
        record: usize,
        /// Name of the attribute.
        name: String,
    },
    /// DynamoDB: a leaf of an attribute that is not a key.
    Attribute {
        /// Index in the batch.
        record: usize,
        /// Which image holds it.
        image: Image,
        /// Names and indices from the item down to the leaf, without type tags.
        path: Path,
    },
    /// DynamoDB: the name of one more attribute.
    AttributeName {
        /// Index in the batch.
        record: usize,
    },
    /// DynamoDB: a leaf of the state that the function has returned for a tumbling window.
    WindowState {
        /// Place in the state.
        path: Path,
    },
    /// Direct: a leaf of the event.
    Json {
        /// Place in the event.
        path: Path,
    },
    /// Direct: the name of one more member of an object.
    JsonName {
        /// The object.
        path: Path,
    },
}

/// Which state of a DynamoDB item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Image {
    /// After the write.
    New,
    /// Before the write.
    Old,
}

impl Locator {
    /// All of a query value; `nth` counts values of that name.
    pub fn query(name: &str, nth: usize) -> Locator {
        Locator::Query { name: name.to_owned(), nth, path: Path::root() }
    }

    /// All of a header value; `nth` counts headers of that name.
    pub fn header(name: &str, nth: usize) -> Locator {
        Locator::Header { name: name.to_owned(), nth, path: Path::root() }
    }

    /// All of a cookie.
    pub fn cookie(name: &str) -> Locator {
        Locator::Cookie { name: name.to_owned(), path: Path::root() }
    }

    /// All of a path parameter.
    pub fn path_parameter(name: &str) -> Locator {
        Locator::PathParameter { name: name.to_owned(), path: Path::root() }
    }

    /// All of a message attribute.
    pub fn message_attribute(record: usize, name: &str) -> Locator {
        Locator::MessageAttribute { record, name: name.to_owned(), path: Path::root() }
    }

    /// The texts that this leaf is in, the outermost first: a JSON body, base64 in one of its members.
    pub fn around(&self) -> Vec<Locator> {
        let mut whole = self.clone();
        let Some(path) = whole.path_mut() else { return Vec::new() };
        let steps = std::mem::take(&mut path.0);
        let opens = steps.iter().enumerate().filter(|(_, step)| matches!(step, Step::Open(_)));
        let outer = opens.map(|(end, _)| {
            let mut outer = self.clone();
            if let Some(path) = outer.path_mut() {
                path.0.truncate(end);
            }
            outer
        });
        outer.collect()
    }

    /// The place inside the text or tree that is meant; `None` where there is none.
    fn path_mut(&mut self) -> Option<&mut Path> {
        match self {
            Locator::Query { path, .. }
            | Locator::PathParameter { path, .. }
            | Locator::Header { path, .. }
            | Locator::Cookie { path, .. }
            | Locator::Body { path }
            | Locator::Authorizer { path }
            | Locator::Message { path, .. }
            | Locator::MessageAttribute { path, .. }
            | Locator::Attribute { path, .. }
            | Locator::WindowState { path }
            | Locator::Json { path } => Some(path),
            _ => None,
        }
    }

    /// The record of a batch to which the point belongs.
    pub fn record(&self) -> Option<usize> {
        self.clone().record_mut().copied()
    }

    /// The same place in another record.
    pub(crate) fn with_record(mut self, record: usize) -> Locator {
        if let Some(place) = self.record_mut() {
            *place = record;
        }
        self
    }

    fn record_mut(&mut self) -> Option<&mut usize> {
        match self {
            Locator::Message { record, .. }
            | Locator::MessageName { record, .. }
            | Locator::MessageAttribute { record, .. }
            | Locator::MessageAttributeName { record }
            | Locator::MessageGroup { record }
            | Locator::MessageDeduplication { record }
            | Locator::Sender { record }
            | Locator::Key { record, .. }
            | Locator::Attribute { record, .. }
            | Locator::AttributeName { record } => Some(record),
            Locator::Query { .. }
            | Locator::QueryName
            | Locator::PathParameter { .. }
            | Locator::Path
            | Locator::Header { .. }
            | Locator::HeaderName
            | Locator::Cookie { .. }
            | Locator::Body { .. }
            | Locator::BodyName { .. }
            | Locator::Authorizer { .. }
            | Locator::ObjectKey
            | Locator::Uploader
            | Locator::WindowState { .. }
            | Locator::Json { .. }
            | Locator::JsonName { .. } => None,
        }
    }

    /// The place inside what the point holds, if that is a tree.
    pub(crate) fn inside(&self) -> Option<&Path> {
        match self {
            Locator::Body { path }
            | Locator::BodyName { path }
            | Locator::Message { path, .. }
            | Locator::MessageName { path, .. }
            | Locator::Attribute { path, .. }
            | Locator::Query { path, .. }
            | Locator::PathParameter { path, .. }
            | Locator::Header { path, .. }
            | Locator::Cookie { path, .. }
            | Locator::MessageAttribute { path, .. }
            | Locator::Authorizer { path }
            | Locator::WindowState { path }
            | Locator::Json { path }
            | Locator::JsonName { path } => Some(path),
            _ => None,
        }
    }

    /// The value at another place inside the same tree.
    pub(crate) fn with_inside(&self, new: Path) -> Locator {
        match self.clone() {
            Locator::Body { .. } | Locator::BodyName { .. } => Locator::Body { path: new },
            Locator::Message { record, .. } | Locator::MessageName { record, .. } => {
                Locator::Message { record, path: new }
            }
            Locator::Attribute { record, image, .. } => Locator::Attribute { record, image, path: new },
            Locator::Query { name, nth, .. } => Locator::Query { name, nth, path: new },
            Locator::PathParameter { name, .. } => Locator::PathParameter { name, path: new },
            Locator::Header { name, nth, .. } => Locator::Header { name, nth, path: new },
            Locator::Cookie { name, .. } => Locator::Cookie { name, path: new },
            Locator::MessageAttribute { record, name, .. } => {
                Locator::MessageAttribute { record, name, path: new }
            }
            Locator::Authorizer { .. } => Locator::Authorizer { path: new },
            Locator::WindowState { .. } => Locator::WindowState { path: new },
            Locator::Json { .. } | Locator::JsonName { .. } => Locator::Json { path: new },
            other => other,
        }
    }

    /// Whether any JSON value can be there, not only a text: inside JSON, a token, an item, or an event of JSON.
    pub(crate) fn holds_json(&self, wire: &Wire) -> bool {
        let Some(path) = self.inside().filter(|_| !self.is_name()) else { return false };
        let codec = path.0.iter().rev().find_map(|step| match step {
            Step::Open(codec) => Some(*codec),
            Step::Member { .. } | Step::Element(_) => None,
        });
        match codec {
            Some(codec) => matches!(codec, Codec::Json | Codec::Jwt),
            None => matches!(
                (self, wire),
                (Locator::Json { .. }, Wire::Event(_)) | (Locator::Attribute { .. }, _)
            ),
        }
    }

    /// Whether this is `other` or holds it.
    pub(crate) fn covers(&self, other: &Locator) -> bool {
        match (self.inside(), other.inside()) {
            (Some(outer), Some(inner)) => {
                let tree = |it: &Locator| it.with_inside(Path::root());
                tree(self) == tree(other) && inner.starts_with(outer)
            }
            _ => self == other,
        }
    }

    /// Whether a text here becomes a member name instead of a value.
    pub fn is_name(&self) -> bool {
        matches!(
            self,
            Locator::QueryName
                | Locator::HeaderName
                | Locator::BodyName { .. }
                | Locator::MessageName { .. }
                | Locator::MessageAttributeName { .. }
                | Locator::AttributeName { .. }
                | Locator::JsonName { .. }
        )
    }
}

#[cfg(test)]
mod tests;
