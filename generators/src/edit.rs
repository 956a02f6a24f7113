//! Edits: what makes a test case differ from its seed event.
//!
//! Every edit is something a sender can do, but for `Raw`: see `grade`. An edit whose place is gone, or that
//! AWS would refuse, changes nothing.

use serde::{Deserialize, Serialize};

use crate::{
    nonce::Nonce,
    payload::Payload,
    point::Locator,
    raw::RawEdit,
    tree::Node,
    wire::{
        dynamodb::{Operation, Phase, ViewType},
        s3::S3EventName,
    },
};

/// One change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Edit {
    /// Puts a payload at a point. Plants are made after all other edits.
    Plant {
        /// Where.
        at: Locator,
        /// Which payload.
        payload: PayloadId,
        /// Benign text around it.
        #[serde(default)]
        frame: Frame,
        /// Its nonce.
        nonce: Nonce,
    },
    /// Replaces the text of a leaf.
    SetText {
        /// Where.
        at: Locator,
        /// The new text.
        text: String,
    },
    /// Replaces a part of a tree, or all of it.
    SetNode {
        /// Where; only places inside a tree.
        at: Locator,
        /// What is there now.
        node: Node,
    },
    /// Adds a leaf that is not there yet, or one more of that name.
    Add {
        /// Where.
        at: Locator,
        /// Its text.
        text: String,
    },
    /// Removes a leaf or a part of JSON.
    Remove {
        /// Where.
        at: Locator,
    },
    /// Makes the name of a query parameter or form field longer: `user` becomes `user[$ne]`, which parsers such as `qs`, Rack
    /// and PHP's read as a value inside a value.
    ExtendName {
        /// The parameter or field.
        at: Locator,
        /// What is added.
        suffix: String,
    },
    /// HTTP: changes the method, one of the seven that API Gateway knows.
    Method(String),
    /// HTTP: changes the path (decoded).
    Path(String),
    /// HTTP: changes the content type and thereby, perhaps, the encoding of the body.
    ContentType(String),
    /// HTTP: sends no body.
    DropBody,
    /// HTTP: sends no query.
    DropQuery,
    /// HTTP: sends none of the headers that the seed event has.
    DropHeaders,
    /// SQS, DynamoDB: the same record once more.
    DuplicateRecord {
        /// Which.
        record: usize,
    },
    /// SQS, DynamoDB: one record less. The last one stays: there are no empty batches.
    RemoveRecord {
        /// Which.
        record: usize,
    },
    /// SQS: Lambda got this message before.
    ReceiveCount {
        /// Which message.
        record: usize,
        /// How often, counting this time.
        count: u32,
    },
    /// DynamoDB: another kind of write.
    Operation {
        /// Which record.
        record: usize,
        /// What was done to the item.
        operation: Operation,
    },
    /// DynamoDB: what the stream shows.
    ViewType(ViewType),
    /// DynamoDB: which invocation of its tumbling window it is.
    WindowPhase(Phase),
    /// S3: what happened to the object.
    EventName(S3EventName),
    /// S3: how large the object is.
    Size(u64),
    /// Changes the event itself, behind the sender's back. Such changes are made after all others.
    Raw(RawEdit),
    /// S3: whether the bucket keeps versions.
    Versioned(bool),
}

/// Stable name of a payload.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PayloadId(pub String);

impl PayloadId {
    /// The payload with this name. `None` if a stored test case is older than the payload set.
    pub fn resolve(&self) -> Option<&'static Payload> {
        Payload::by_id(&self.0)
    }
}

impl From<&Payload> for PayloadId {
    fn from(payload: &Payload) -> PayloadId {
        PayloadId(payload.id.to_owned())
    }
}

/// Benign text kept around a payload, so that it passes checks such as "ends in `.txt`". A payload that is a JSON value
/// becomes a text by it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Frame {
    /// Text before the payload.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub before: String,
    /// Text after the payload.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub after: String,
}

impl Frame {
    /// No text around the payload.
    pub fn none() -> Frame {
        Frame::default()
    }

    /// `payload` in its frame.
    pub fn around(&self, payload: &str) -> String {
        format!("{}{payload}{}", self.before, self.after)
    }
}
