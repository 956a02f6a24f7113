//! A change of an object in a bucket, and the notification that S3 makes of it.
//!
//! Shape: Amazon S3 user guide, event message structure. The key is the only text that every uploader chooses. The test event
//! (`s3:TestEvent`, without `Records`) is not here: S3 checks a topic or a queue with it, of a function it checks the
//! permission (Amazon S3 API, PutBucketNotificationConfiguration). It is the body of a message: see `test_event`.

mod event_name;
mod leaves;

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use event_name::S3EventName;

use crate::{
    codec::Codec,
    tree::Node,
    wire::{
        doc::{Doc, object},
        facts,
    },
};
use event_name::{Actor, Etag};

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
    /// Whether the bucket keeps versions, also where the event does not depend on it: configuration.
    #[serde(default)]
    pub versioned: bool,
    /// The CloudFormation stack that made the bucket, if one did: configuration.
    #[serde(default)]
    pub stack: Option<String>,
}

fn region() -> String {
    facts::REGION.to_owned()
}

/// Who acts, and from where, where S3 does something itself.
const SERVICE: &str = "s3.amazonaws.com";

/// Objects of this size and less have an eTag that is the MD5 of their content. More would cost milliseconds an event.
const MAX_HASHED: u64 = 1 << 14;

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
            versioned: false,
            stack: None,
        }
    }

    #[cfg(test)]
    pub(crate) fn render(&self) -> Value {
        self.doc().into_value()
    }

    /// The event.
    pub(crate) fn doc(&self) -> Doc<'_> {
        let owner = format!("A{}", facts::token("owner", 0, 13));
        let (principal, address) = match self.event.actor() {
            Actor::Principal => {
                let role = facts::token("role", 0, 16);
                (format!("AWS:AROA{role}:{}", self.uploader), facts::SOURCE_IP)
            }
            Actor::Service => (SERVICE.to_owned(), SERVICE),
            Actor::Owner => (format!("AmazonCustomer:{owner}"), SERVICE),
        };
        // In the guide's example of a replication failure the owner is an account.
        let owner = if self.event.is_replication() { facts::ACCOUNT.to_owned() } else { owner };
        let mut bucket = object! {
            "name" => &self.bucket,
            "ownerIdentity" => object! { "principalId" => owner },
            "arn" => format!("arn:aws:s3:::{}", self.bucket),
        };
        // Amazon S3 user guide, event message structure: not with replication events.
        if let Some(stack) = self.stack.as_ref().filter(|_| !self.event.is_replication()) {
            bucket.push("awsGeneratedTags", self.generated_tags(stack));
        }
        let mut record = object! {
            // The same page, since 2026: one version for all events. 2.6 in a notification of October 2026.
            "eventVersion" => "2.6",
            "eventSource" => "aws:s3",
            "awsRegion" => &self.region,
            "eventTime" => facts::ISO_TIME,
            "eventName" => self.event.name(),
            "userIdentity" => object! { "principalId" => principal },
            "requestParameters" => object! { "sourceIPAddress" => address },
            "responseElements" => object! {
                "x-amz-request-id" => facts::token("s3 request", 0, 16),
                "x-amz-id-2" => format!("{}=", facts::token("s3 host", 0, 75)),
            },
            "s3" => object! {
                "s3SchemaVersion" => "1.0",
                "configurationId" => facts::uuid("s3 configuration", 0),
                "bucket" => bucket,
                "object" => self.object(),
            },
        };
        if let Some((name, data)) = self.extra() {
            record.push(name, data);
        }
        // S3 sends every event alone.
        object! { "Records" => vec![record] }
    }

    fn object(&self) -> Doc<'_> {
        let shown = self.event.shows();
        let mut object = object! { "key" => encode_key(&self.key) };
        if shown.size {
            object.push("size", self.size);
        }
        match shown.etag {
            Etag::Absent => {}
            Etag::Object => object.push("eTag", self.etag()),
            Etag::Empty => object.push("eTag", facts::md5_hex(b"")),
        }
        if self.versioned || shown.versioned {
            object.push("versionId", facts::token("version", 0, 32));
        }
        if shown.sequencer {
            object.push("sequencer", "0069A7BDBFE1C0D3A7");
        }
        // Amazon S3 user guide, EventBridge event message structure: of a copy, whether it has annotations.
        if self.event == S3EventName::CreatedCopy {
            object.push("hasObjectAnnotation", false);
        }
        object
    }

    /// What some events have besides: the member and its value. Names: Amazon S3 user guide, event message structure, and
    /// aws/aws-sdk-java-v2, `s3-event-notifications`.
    fn extra(&self) -> Option<(&'static str, Value)> {
        let replication = |more: Value| {
            let mut data = json!({
                "replicationRuleId": "replicate-all",
                "destinationBucket": "arn:aws:s3:::amzn-s3-demo-bucket2",
                "s3Operation": "OBJECT_PUT",
                "requestTime": "2026-03-04T04:51:00.123Z",
            });
            let more = more.as_object().into_iter().flatten();
            more.for_each(|(name, it)| data[name] = it.clone());
            ("replicationEventData", data)
        };
        Some(match self.event {
            S3EventName::RestoreCompleted => (
                "glacierEventData",
                json!({ "restoreEventData": {
                    "lifecycleRestorationExpiryTime": "2026-03-11T00:00:00.000Z",
                    "lifecycleRestoreStorageClass": "GLACIER",
                } }),
            ),
            S3EventName::ReplicationFailed => {
                replication(json!({ "failureReason": "AssumeRoleNotPermitted" }))
            }
            S3EventName::ReplicationMissedThreshold => replication(json!({ "threshold": "15" })),
            S3EventName::ReplicationAfterThreshold => {
                replication(json!({ "threshold": "15", "replicationTime": facts::ISO_TIME }))
            }
            S3EventName::ReplicationNotTracked => replication(json!({})),
            S3EventName::Transition => (
                "lifecycleEventData",
                json!({ "transitionEventData": { "destinationStorageClass": "GLACIER" } }),
            ),
            S3EventName::Tiering => {
                ("intelligentTieringEventData", json!({ "destinationAccessTier": "ARCHIVE_ACCESS" }))
            }
            S3EventName::AnnotationPut => {
                let annotation = json!({ "name": "note", "size": 24, "eTag": facts::md5_hex(b"annotation") });
                ("objectAnnotation", json!([annotation]))
            }
            S3EventName::AnnotationDelete => ("objectAnnotation", json!([{ "name": "note" }])),
            S3EventName::RetentionPut => (
                "objectRetentionEventData",
                json!({ "mode": "COMPLIANCE", "retainUntilDate": "2027-03-04T05:06:07.000Z" }),
            ),
            _ => return None,
        })
    }

    /// The tags that CloudFormation gives a bucket.
    fn generated_tags(&self, stack: &str) -> Value {
        let id = facts::uuid("stack", 0);
        json!({
            "aws:cloudformation:stack-id":
                format!("arn:aws:cloudformation:{}:{}:stack/{stack}/{id}", self.region, facts::ACCOUNT),
            "aws:cloudformation:logical-id": "Bucket",
            "aws:cloudformation:stack-name": stack,
        })
    }

    fn etag(&self) -> String {
        // Nearly all objects are of these sizes.
        static USUAL: LazyLock<String> = LazyLock::new(|| hash(1_024));
        static LARGE: LazyLock<String> = LazyLock::new(|| hash(MAX_HASHED));
        let hash = match self.size {
            1_024 => USUAL.clone(),
            MAX_HASHED.. => LARGE.clone(),
            size => hash(size),
        };
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
        operation.versioned = at("/s3/object/versionId").is_some() && !operation.event.needs_versions();
        let stack = at("/s3/bucket/awsGeneratedTags/aws:cloudformation:stack-name");
        operation.stack = stack.map(str::to_owned);
        Some(operation)
    }
}

/// MD5 of so many spaces.
fn hash(size: u64) -> String {
    facts::md5_hex(&vec![b' '; usize::try_from(size).unwrap_or_default()])
}

/// What S3 sends to a queue or topic when it is told to notify it. Amazon S3 user guide, "Enabling and configuring event
/// notifications", and event message structure.
pub(crate) fn test_event(bucket: &str) -> Value {
    json!({
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": facts::ISO_TIME,
        "Bucket": bucket,
        "RequestId": facts::token("s3 test", 0, 16),
        "HostId": format!("{}=", facts::token("s3 host", 0, 75)),
    })
}

/// A key as it is in a notification: see [`Codec::S3Key`].
pub fn encode_key(key: &str) -> String {
    String::from_utf8(Codec::S3Key.encode(&Node::text(key))).expect("what is encoded is ASCII")
}

/// Undoes [`encode_key`].
pub fn decode_key(key: &str) -> String {
    Codec::S3Key.decode(key.as_bytes()).map_or_else(|| key.to_owned(), |it| it.to_text())
}

#[cfg(test)]
mod tests;
