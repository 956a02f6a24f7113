//! S3 notifications.
//!
//! Members and which event has which: Amazon S3 user guide, "Event message structure", and LocalStack's records
//! of AWS (`test_s3_notifications_sqs.snapshot.json`).

use serde_json::Value;

use super::{Facts, http::decode_percent, text};

const RECORD: &str = "eventVersion:s eventSource:s awsRegion:s eventTime:s eventName:s userIdentity:o \
    requestParameters:o responseElements:o s3:o";
const S3: &str = "s3SchemaVersion:s configurationId:s bucket:o object:o";

/// The same guide, event types, without `s3:`; by whom it is; the members of `object`; what else the record has, with the members
/// of that. `AWS` is a principal, `AmazonCustomer` S3 for the owner of the bucket, `s3` S3 itself.
const EVENTS: &[(&str, &str, &str, &str)] = &[
    ("ObjectCreated:Put", "AWS", "key:s size:n eTag:s sequencer:s versionId:s?", ""),
    ("ObjectCreated:Post", "AWS", "key:s size:n eTag:s sequencer:s versionId:s?", ""),
    // EventBridge event message structure, `has-object-annotation`.
    ("ObjectCreated:Copy", "AWS", "key:s size:n eTag:s sequencer:s versionId:s? hasObjectAnnotation:b", ""),
    ("ObjectCreated:CompleteMultipartUpload", "AWS", "key:s size:n eTag:s sequencer:s versionId:s?", ""),
    ("ObjectRemoved:Delete", "AWS", "key:s sequencer:s versionId:s?", ""),
    ("ObjectRemoved:DeleteMarkerCreated", "AWS", "key:s eTag:s sequencer:s versionId:s", ""),
    // LocalStack's records of AWS, test_restore_object.
    ("ObjectRestore:Post", "AWS", "key:s size:n eTag:s sequencer:s versionId:s?", ""),
    (
        "ObjectRestore:Completed",
        "AmazonCustomer",
        "key:s size:n eTag:s sequencer:s versionId:s?",
        "glacierEventData/restoreEventData lifecycleRestorationExpiryTime:s lifecycleRestoreStorageClass:s",
    ),
    ("ObjectRestore:Delete", "AmazonCustomer", "key:s size:n eTag:s sequencer:s versionId:s?", ""),
    ("ReducedRedundancyLostObject", "s3", "key:s size:n eTag:s versionId:s?", ""),
    // The guide, "Receiving replication failure events"; the other members: aws/aws-sdk-java-v2, `ReplicationEventData`.
    (
        "Replication:OperationFailedReplication",
        "s3",
        "key:s size:n eTag:s sequencer:s versionId:s",
        "replicationEventData replicationRuleId:s destinationBucket:s s3Operation:s requestTime:s failureReason:s",
    ),
    (
        "Replication:OperationMissedThreshold",
        "s3",
        "key:s size:n eTag:s sequencer:s versionId:s",
        "replicationEventData replicationRuleId:s destinationBucket:s s3Operation:s requestTime:s threshold:s",
    ),
    (
        "Replication:OperationReplicatedAfterThreshold",
        "s3",
        "key:s size:n eTag:s sequencer:s versionId:s",
        "replicationEventData replicationRuleId:s destinationBucket:s s3Operation:s requestTime:s threshold:s \
         replicationTime:s",
    ),
    (
        "Replication:OperationNotTracked",
        "s3",
        "key:s size:n eTag:s sequencer:s versionId:s",
        "replicationEventData replicationRuleId:s destinationBucket:s s3Operation:s requestTime:s",
    ),
    // The guide, "Configuring Amazon S3 event notifications for lifecycle events".
    ("LifecycleExpiration:Delete", "s3", "key:s sequencer:s versionId:s?", ""),
    ("LifecycleExpiration:DeleteMarkerCreated", "s3", "key:s eTag:s sequencer:s versionId:s", ""),
    (
        "LifecycleTransition",
        "s3",
        "key:s size:n eTag:s versionId:s?",
        "lifecycleEventData/transitionEventData destinationStorageClass:s",
    ),
    // aws-powertools/powertools-lambda-python#7443.
    (
        "IntelligentTiering",
        "s3",
        "key:s size:n eTag:s sequencer:s versionId:s?",
        "intelligentTieringEventData destinationAccessTier:s",
    ),
    // Recorded by LocalStack on AWS: neither size nor sequencer.
    ("ObjectTagging:Put", "AWS", "key:s eTag:s versionId:s?", ""),
    ("ObjectTagging:Delete", "AWS", "key:s eTag:s versionId:s?", ""),
    ("ObjectAcl:Put", "AWS", "key:s eTag:s versionId:s?", ""),
    // aws/aws-sdk-java-v2, `S3ObjectAnnotation`; ministackorg/ministack, `tests/test_s3_annotations.py`.
    ("ObjectAnnotation:Put", "AWS", "key:s eTag:s versionId:s?", "objectAnnotation/0 name:s size:n eTag:s"),
    ("ObjectAnnotation:Delete", "AWS", "key:s eTag:s versionId:s?", "objectAnnotation/0 name:s"),
    // aws/aws-sdk-java-v2, `ObjectRetentionEventDataTest`.
    (
        "ObjectRetention:Put",
        "AWS",
        "key:s size:n eTag:s sequencer:s versionId:s",
        "objectRetentionEventData mode:s retainUntilDate:s eventHold:s? eventHoldDuration:o?",
    ),
];
/// One version for all events since 2.4, says the guide; this one in a notification of October 2026.
const VERSION: &str = "2.6";
/// The same guide, object keys: bytes of UTF-8 before any encoding.
const MAX_KEY_BYTES: usize = 1_024;
/// The same guide, since December 2025: 50 TB.
const MAX_OBJECT_BYTES: u64 = 50 << 40;

pub(super) fn check(event: &Value, facts: &mut Facts) {
    let records = facts.records(event);
    for record in records {
        check_record(record, facts);
    }
}

fn check_record(record: &Value, facts: &mut Facts) {
    let name = text(&record["eventName"]);
    let Some((_, actor, object_members, extra)) = EVENTS.iter().find(|(known, ..)| *known == name) else {
        return facts.hold(false, &format!("S3 has no event {name}"));
    };
    let (place, extra_members) = extra.split_once(' ').unwrap_or_default();
    let (extra, inner) = place.split_once('/').unwrap_or((place, ""));
    let kind = if inner == "0" { 'a' } else { 'o' };
    let members = if extra.is_empty() { RECORD.to_owned() } else { format!("{RECORD} {extra}:{kind}") };
    facts.members("the record", record, &members);
    match inner {
        "" if extra.is_empty() => {}
        "" => facts.members(extra, &record[extra], extra_members),
        "0" => {
            facts.hold(record[extra].as_array().is_some_and(|it| it.len() == 1), "one annotation at a time");
            facts.members(extra, &record[extra][0], extra_members);
        }
        inner => {
            facts.members(extra, &record[extra], &format!("{inner}:o"));
            facts.members(inner, &record[extra][inner], extra_members);
        }
    }
    facts.equal("eventVersion", &record["eventVersion"], VERSION);
    facts.equal("eventSource", &record["eventSource"], "aws:s3");
    facts.milliseconds(&record["eventTime"]);
    actors(record, actor, facts);
    let elements = "x-amz-request-id:s x-amz-id-2:s";
    facts.members("responseElements", &record["responseElements"], elements);
    let s3 = &record["s3"];
    facts.members("s3", s3, S3);
    facts.equal("s3SchemaVersion", &s3["s3SchemaVersion"], "1.0");
    // The guide: not with replication events.
    let tags = if name.starts_with("Replication:") { "" } else { " awsGeneratedTags:o?" };
    facts.members("bucket", &s3["bucket"], &format!("name:s ownerIdentity:o arn:s{tags}"));
    for (name, value) in super::object(&s3["bucket"]["awsGeneratedTags"]) {
        facts.hold(
            name.starts_with("aws:") && value.is_string(),
            &format!("AWS makes no tag {name}: {value}"),
        );
    }
    let name_of_bucket = text(&s3["bucket"]["name"]);
    facts.hold(is_bucket_name(name_of_bucket), &format!("no bucket is called {name_of_bucket}"));
    let arn = format!("arn:aws:s3:::{name_of_bucket}");
    facts.equal("the ARN of the bucket", &s3["bucket"]["arn"], arn);
    object(name, object_members, &s3["object"], facts);
}

/// Who did it, from where, and who owns the bucket.
fn actors(record: &Value, actor: &str, facts: &mut Facts) {
    facts.members("userIdentity", &record["userIdentity"], "principalId:s");
    facts.members("requestParameters", &record["requestParameters"], "sourceIPAddress:s");
    let (principal, address) =
        (&record["userIdentity"]["principalId"], &record["requestParameters"]["sourceIPAddress"]);
    let owner = &record["s3"]["bucket"]["ownerIdentity"];
    facts.members("ownerIdentity", owner, "principalId:s");
    match actor {
        "AWS" => {
            facts.session("principalId", principal, "AWS:");
            facts.address(address);
        }
        "AmazonCustomer" => {
            facts.equal("principalId", principal, format!("AmazonCustomer:{}", text(&owner["principalId"])));
            facts.equal("sourceIPAddress", address, "s3.amazonaws.com");
        }
        _ => {
            facts.equal("principalId", principal, "s3.amazonaws.com");
            facts.equal("sourceIPAddress", address, "s3.amazonaws.com");
        }
    }
}

/// The same guide, bucket naming rules.
pub(super) fn is_bucket_name(name: &str) -> bool {
    let plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || ".-".contains(it);
    (3..=63).contains(&name.len()) && name.chars().all(plain)
}

fn object(name: &str, members: &str, object: &Value, facts: &mut Facts) {
    facts.members(&format!("object of {name}"), object, members);
    key(text(&object["key"]), facts);
    if let Some(size) = object.get("size") {
        let fits = size.as_u64().is_some_and(|it| it <= MAX_OBJECT_BYTES);
        facts.hold(fits, &format!("no object has {size} bytes"));
    }
    let hex = |it: &str| it.bytes().all(|it| it.is_ascii_hexdigit());
    if let Some(etag) = object.get("eTag").map(text) {
        let (hash, parts) = etag.split_once('-').unwrap_or((etag, "1"));
        let multipart = name == "ObjectCreated:CompleteMultipartUpload";
        // Amazon S3 API, CompleteMultipartUpload: at most 10,000 parts.
        let fits = hash.len() == 32 && hex(hash) && parts.parse().is_ok_and(|it| (1..=10_000).contains(&it));
        facts.hold(fits && multipart == etag.contains('-'), &format!("{etag} is no eTag of {name}"));
        let marker = name.ends_with(":DeleteMarkerCreated");
        facts.hold(!marker || etag == super::md5(b""), "a delete marker has content");
    }
    if let Some(sequencer) = object.get("sequencer").map(text) {
        facts.hold(!sequencer.is_empty() && hex(sequencer), &format!("{sequencer} is no sequencer"));
    }
}

/// Keys are encoded as `java.net.URLEncoder` does it, but for `/` (minio/minio#11665).
pub(super) fn key(key: &str, facts: &mut Facts) {
    let plain = |it: char| it.is_ascii_alphanumeric() || ".-*_/+%".contains(it);
    facts.hold(key.chars().all(plain), &format!("{key} is not encoded as S3 does it"));
    let decoded = decode_percent(&key.replace('+', " "));
    let fits = decoded.is_some_and(|it| (1..=MAX_KEY_BYTES).contains(&it.len()) && !it.contains('\0'));
    facts.hold(fits, &format!("no key of 1 to 1,024 bytes is encoded as {key}"));
}
