//! What a bucket says on a bus. Amazon S3 user guide, "Using EventBridge" and "EventBridge event message structure", and
//! LocalStack's records of AWS (`tests/aws/services/s3/test_s3_notifications_eventbridge.snapshot.json`).
//!
//! `size`, `etag` and `sequencer` are there as in those records and examples. The key is taken to be as it is: no page and no
//! record that was found has a key that would be encoded, so points in it are conditional.

use serde_json::{Value, json};

use super::event;
use crate::wire::facts;

/// One kind of event.
pub(super) struct ObjectEvent {
    /// Name of the seed.
    pub(super) name: &'static str,
    /// As in `detail-type`.
    pub(super) detail_type: &'static str,
    /// Members of `object` besides the key, of these: `size etag empty-etag version-id sequencer has-object-annotation`.
    object: &'static str,
    /// Whether a principal asked for it: it has an address then.
    requested: bool,
    /// Other members of `detail`.
    detail: fn() -> Value,
}

/// All kinds, the most frequent first.
pub(super) const OBJECT_EVENTS: [ObjectEvent; 18] = [
    ObjectEvent {
        name: "object-created",
        detail_type: "Object Created",
        object: "size etag sequencer",
        requested: true,
        detail: || json!({ "reason": "PutObject" }),
    },
    ObjectEvent {
        name: "object-deleted",
        detail_type: "Object Deleted",
        object: "sequencer",
        requested: true,
        detail: || json!({ "reason": "DeleteObject", "deletion-type": "Permanently Deleted" }),
    },
    ObjectEvent {
        name: "object-marked-deleted",
        detail_type: "Object Deleted",
        object: "empty-etag version-id sequencer",
        requested: true,
        detail: || json!({ "reason": "DeleteObject", "deletion-type": "Delete Marker Created" }),
    },
    ObjectEvent {
        name: "object-expired",
        detail_type: "Object Deleted",
        object: "sequencer",
        requested: false,
        detail: || json!({ "reason": "Lifecycle Expiration", "deletion-type": "Permanently Deleted" }),
    },
    ObjectEvent {
        name: "object-marked-expired",
        detail_type: "Object Deleted",
        object: "empty-etag version-id sequencer",
        requested: false,
        detail: || json!({ "reason": "Lifecycle Expiration", "deletion-type": "Delete Marker Created" }),
    },
    ObjectEvent {
        name: "object-posted",
        detail_type: "Object Created",
        object: "size etag version-id sequencer",
        requested: true,
        detail: || json!({ "reason": "POST Object" }),
    },
    ObjectEvent {
        name: "object-copied",
        detail_type: "Object Created",
        object: "size etag version-id sequencer has-object-annotation",
        requested: true,
        detail: || json!({ "reason": "CopyObject" }),
    },
    ObjectEvent {
        name: "object-uploaded",
        detail_type: "Object Created",
        object: "size etag version-id sequencer",
        requested: true,
        detail: || json!({ "reason": "CompleteMultipartUpload" }),
    },
    ObjectEvent {
        name: "object-restore-initiated",
        detail_type: "Object Restore Initiated",
        object: "size etag",
        requested: true,
        detail: || json!({ "source-storage-class": "GLACIER" }),
    },
    ObjectEvent {
        name: "object-restore-completed",
        detail_type: "Object Restore Completed",
        object: "size etag version-id",
        requested: false,
        detail: || json!({ "restore-expiry-time": "2026-03-11T00:00:00Z", "source-storage-class": "GLACIER" }),
    },
    ObjectEvent {
        name: "object-restore-expired",
        detail_type: "Object Restore Expired",
        object: "size etag",
        requested: false,
        detail: || json!({}),
    },
    ObjectEvent {
        name: "object-storage-class",
        detail_type: "Object Storage Class Changed",
        object: "size etag version-id",
        requested: false,
        detail: || json!({ "destination-storage-class": "GLACIER" }),
    },
    ObjectEvent {
        name: "object-access-tier",
        detail_type: "Object Access Tier Changed",
        object: "size etag version-id",
        requested: false,
        detail: || json!({ "destination-access-tier": "ARCHIVE_ACCESS" }),
    },
    ObjectEvent {
        name: "object-acl",
        detail_type: "Object ACL Updated",
        object: "etag",
        requested: true,
        detail: || json!({}),
    },
    ObjectEvent {
        name: "object-tagged",
        detail_type: "Object Tags Added",
        object: "etag",
        requested: true,
        detail: || json!({}),
    },
    ObjectEvent {
        name: "object-untagged",
        detail_type: "Object Tags Deleted",
        object: "etag",
        requested: true,
        detail: || json!({}),
    },
    ObjectEvent {
        name: "object-annotated",
        detail_type: "Object Annotation Created",
        object: "etag version-id sequencer",
        requested: true,
        detail: || {
            let annotation = json!({ "name": "note", "size": 24, "etag": facts::md5_hex(b"annotation") });
            json!({ "reason": "PutObjectAnnotation", "object-annotation": annotation })
        },
    },
    ObjectEvent {
        name: "object-unannotated",
        detail_type: "Object Annotation Removed",
        object: "etag version-id sequencer",
        requested: true,
        detail: || json!({ "reason": "DeleteObjectAnnotation", "object-annotation": { "name": "note" } }),
    },
];

/// The event of that kind about the object with this key.
pub(super) fn object_event(kind: &ObjectEvent, key: &str) -> Value {
    let bucket = "amzn-s3-demo-bucket";
    let mut object = json!({ "key": key });
    for member in kind.object.split_whitespace() {
        match member {
            "size" => object["size"] = 1_024.into(),
            "etag" => object["etag"] = facts::md5_hex(b"object").into(),
            "empty-etag" => object["etag"] = facts::md5_hex(b"").into(),
            "version-id" => object["version-id"] = facts::token("version", 0, 32).into(),
            "sequencer" => object["sequencer"] = "0069A7BDBFE1C0D3A7".into(),
            _ => object[member] = false.into(),
        }
    }
    let mut detail = json!({
        "version": "0",
        "event-version": "1.1",
        "bucket": { "name": bucket },
        "object": object,
        "request-id": facts::token("s3 request", 0, 16),
        "requester": if kind.requested { facts::ACCOUNT } else { "s3.amazonaws.com" },
    });
    if kind.requested {
        detail["source-ip-address"] = facts::SOURCE_IP.into();
    }
    let more = (kind.detail)();
    for (name, value) in more.as_object().into_iter().flatten() {
        detail[name] = value.clone();
    }
    event("aws.s3", kind.detail_type, &[format!("arn:aws:s3:::{bucket}")], detail)
}

/// The event of a bucket that is told by the name of its seed.
#[cfg(test)]
pub(crate) fn named(name: &str, key: &str) -> Value {
    let kind = OBJECT_EVENTS.iter().find(|it| it.name == name);
    object_event(kind.expect("there is such a kind"), key)
}
