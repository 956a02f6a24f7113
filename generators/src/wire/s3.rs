//! A change of an object in a bucket, and the notification that S3 makes of it.
//!
//! Shape: Amazon S3 user guide, notification content structure. The key is the only text that
//! every uploader chooses.

use std::fmt::Write;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    edit::Edit,
    point::{Charset, Control, InjectionPoint, Locator, Role},
    source::EventSource,
    tree::Node,
    wire::{Leaves, facts},
};

/// What happened to the object. Amazon S3 user guide, event types; the event holds them without
/// `s3:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum S3EventName {
    /// PutObject.
    #[serde(rename = "ObjectCreated:Put")]
    CreatedPut,
    /// An upload with an HTML form.
    #[serde(rename = "ObjectCreated:Post")]
    CreatedPost,
    /// CopyObject.
    #[serde(rename = "ObjectCreated:Copy")]
    CreatedCopy,
    /// CompleteMultipartUpload.
    #[serde(rename = "ObjectCreated:CompleteMultipartUpload")]
    CreatedMultipart,
    /// DeleteObject in a bucket without versions.
    #[serde(rename = "ObjectRemoved:Delete")]
    RemovedDelete,
    /// DeleteObject in a bucket with versions.
    #[serde(rename = "ObjectRemoved:DeleteMarkerCreated")]
    RemovedMarker,
    /// PutObjectTagging.
    #[serde(rename = "ObjectTagging:Put")]
    TaggingPut,
}

impl S3EventName {
    /// Every name.
    pub const ALL: [S3EventName; 7] = [
        S3EventName::CreatedPut,
        S3EventName::CreatedPost,
        S3EventName::CreatedCopy,
        S3EventName::CreatedMultipart,
        S3EventName::RemovedDelete,
        S3EventName::RemovedMarker,
        S3EventName::TaggingPut,
    ];

    /// As in `eventName`.
    pub fn name(self) -> &'static str {
        match self {
            S3EventName::CreatedPut => "ObjectCreated:Put",
            S3EventName::CreatedPost => "ObjectCreated:Post",
            S3EventName::CreatedCopy => "ObjectCreated:Copy",
            S3EventName::CreatedMultipart => "ObjectCreated:CompleteMultipartUpload",
            S3EventName::RemovedDelete => "ObjectRemoved:Delete",
            S3EventName::RemovedMarker => "ObjectRemoved:DeleteMarkerCreated",
            S3EventName::TaggingPut => "ObjectTagging:Put",
        }
    }
}

/// One operation on one object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct S3Operation {
    /// What happened.
    pub event: S3EventName,
    /// The key, decoded.
    pub key: String,
    /// Size of the object; the object is that many spaces.
    pub size: u64,
    /// Session name of the uploader's role.
    pub uploader: String,
    /// Name of the bucket: configuration.
    pub bucket: String,
    /// Region of the bucket: configuration.
    #[serde(default = "region")]
    pub region: String,
}

fn region() -> String {
    facts::REGION.to_owned()
}

/// Objects of this size and less have an eTag that is the MD5 of their content.
const MAX_HASHED: u64 = 1 << 20;

impl S3Operation {
    /// PutObject of a small object.
    pub fn put(key: &str) -> S3Operation {
        S3Operation {
            event: S3EventName::CreatedPut,
            key: key.to_owned(),
            size: 1_024,
            uploader: "uploader".to_owned(),
            bucket: "amzn-s3-demo-bucket".to_owned(),
            region: region(),
        }
    }

    pub(crate) fn render(&self) -> Value {
        let mut object = json!({ "key": encode_key(&self.key) });
        // Recorded by LocalStack on AWS: no size and eTag on Delete, neither size nor sequencer
        // on tagging.
        match self.event {
            S3EventName::RemovedDelete => {}
            S3EventName::RemovedMarker => {
                object["eTag"] = facts::md5_hex(b"").into();
                object["versionId"] = facts::token("version", 0, 32).into();
            }
            S3EventName::TaggingPut => object["eTag"] = self.etag().into(),
            S3EventName::CreatedPut
            | S3EventName::CreatedPost
            | S3EventName::CreatedCopy
            | S3EventName::CreatedMultipart => {
                object["size"] = self.size.into();
                object["eTag"] = self.etag().into();
            }
        }
        if self.event != S3EventName::TaggingPut {
            object["sequencer"] = "0069A7BDBFE1C0D3A7".into();
        }
        // 2.3 for tagging, ACL and lifecycle events, 2.1 for the others.
        let version = if self.event == S3EventName::TaggingPut { "2.3" } else { "2.1" };
        let role = facts::token("role", 0, 16);
        json!({ "Records": [{
            "eventVersion": version,
            "eventSource": "aws:s3",
            "awsRegion": self.region,
            "eventTime": facts::ISO_TIME,
            "eventName": self.event.name(),
            "userIdentity": { "principalId": format!("AWS:AROA{role}:{}", self.uploader) },
            "requestParameters": { "sourceIPAddress": facts::SOURCE_IP },
            "responseElements": {
                "x-amz-request-id": facts::token("s3 request", 0, 16),
                "x-amz-id-2": format!("{}=", facts::token("s3 host", 0, 75)),
            },
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": facts::uuid("s3 configuration", 0),
                "bucket": {
                    "name": self.bucket,
                    "ownerIdentity": { "principalId": format!("A{}", facts::token("owner", 0, 13)) },
                    "arn": format!("arn:aws:s3:::{}", self.bucket),
                },
                "object": object,
            },
        }] })
    }

    fn etag(&self) -> String {
        let content = usize::try_from(self.size.min(MAX_HASHED)).unwrap_or_default();
        let hash = facts::md5_hex(&vec![b' '; content]);
        match self.event {
            S3EventName::CreatedMultipart => {
                // Parts of 8 MiB as the AWS CLI makes them, larger ones if there would be more than
                // 10,000 (Amazon S3 user guide, multipart upload limits).
                let part = self.size.div_ceil(10_000).max(8 << 20);
                format!("{hash}-{}", self.size.div_ceil(part).max(1))
            }
            _ => hash,
        }
    }

    pub(crate) fn parse(event: &Value) -> Option<S3Operation> {
        let records = event.get("Records")?.as_array()?;
        let [record] = records.as_slice() else {
            return None;
        };
        let at = |pointer: &str| record.pointer(pointer).and_then(Value::as_str);
        let mut operation = S3Operation::put(&decode_key(at("/s3/object/key")?));
        let name = at("/eventName").unwrap_or_default();
        let name = name.strip_prefix("s3:").unwrap_or(name);
        let known = S3EventName::ALL.into_iter().find(|it| it.name() == name);
        operation.event = known.unwrap_or(S3EventName::CreatedPut);
        if let Some(size) = record.pointer("/s3/object/size").and_then(Value::as_u64) {
            operation.size = size;
        }
        if let Some(bucket) = at("/s3/bucket/name") {
            operation.bucket = bucket.to_owned();
        }
        if let Some(region) = at("/awsRegion") {
            operation.region = region.to_owned();
        }
        let principal = at("/userIdentity/principalId").unwrap_or_default();
        if let Some(uploader) = principal.splitn(3, ':').nth(2) {
            operation.uploader = uploader.to_owned();
        }
        Some(operation)
    }
}

/// URL encoding of `java.net.URLEncoder`, which leaves `A-Za-z0-9.-*_` and writes `+` for a
/// blank, but with `/` left alone (minio/minio#11665; captures show `%40` and `%3D`).
pub fn encode_key(key: &str) -> String {
    let mut text = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'*' | b'_' | b'/' => {
                text.push(char::from(byte));
            }
            b' ' => text.push('+'),
            _ => write!(text, "%{byte:02X}").expect("a String takes all"),
        }
    }
    text
}

/// Undoes [`encode_key`].
pub fn decode_key(key: &str) -> String {
    let key = key.replace('+', " ");
    percent_encoding::percent_decode_str(&key).decode_utf8_lossy().into_owned()
}

impl Leaves for S3Operation {
    fn locators(&self, _source: EventSource) -> Vec<Locator> {
        vec![Locator::ObjectKey, Locator::Uploader]
    }

    fn describe(&self, _source: EventSource, at: &Locator) -> Option<InjectionPoint> {
        let (control, charset, max_bytes, path) = match at {
            // Amazon S3 user guide, object keys: UTF-8 of at most 1,024 bytes.
            Locator::ObjectKey => {
                let path = "/Records/0/s3/object/key»form";
                (Control::Attacker, Charset::ObjectKey, 1_024, path)
            }
            Locator::Uploader => {
                let path = "/Records/0/userIdentity/principalId";
                (Control::Conditional, Charset::SessionName, 64, path)
            }
            _ => return None,
        };
        let (locator, path, role) = (at.clone(), path.to_owned(), Role::Data);
        Some(InjectionPoint { locator, control, charset, max_bytes, role, path })
    }

    fn text(&self, at: &Locator) -> Option<String> {
        match at {
            Locator::ObjectKey => Some(self.key.clone()),
            Locator::Uploader => Some(self.uploader.clone()),
            _ => None,
        }
    }

    fn set(&mut self, at: &Locator, text: &str) -> bool {
        let place = match at {
            Locator::ObjectKey => &mut self.key,
            // AWS STS API, AssumeRole: a session name has two characters at least.
            Locator::Uploader if text.len() >= 2 => &mut self.uploader,
            _ => return false,
        };
        text.clone_into(place);
        true
    }

    fn add(&mut self, _at: &Locator, _text: &str) -> bool {
        false
    }

    fn remove(&mut self, _at: &Locator) -> bool {
        false
    }

    fn set_node(&mut self, _at: &Locator, _node: &Node) -> bool {
        false
    }

    fn edit(&mut self, edit: &Edit) -> bool {
        match edit {
            Edit::EventName(event) => self.event = *event,
            Edit::Size(size) => self.size = *size,
            _ => return false,
        }
        true
    }

    fn most_bytes(&self) -> usize {
        8 * 1024 + 3 * self.key.len() + 6 * (self.uploader.len() + self.bucket.len() + self.region.len())
    }

    fn sendable(&self, _source: EventSource) -> bool {
        // Amazon S3 user guide, since December 2025: an object has at most 50 TB.
        !self.key.is_empty() && self.key.len() <= 1_024 && self.size <= 50 << 40
    }
}

#[cfg(test)]
mod tests;
