//! S3 notifications.
//!
//! Members and which event has which: Amazon S3 user guide, "Event message structure", and LocalStack's records
//! of AWS (`test_s3_notifications_sqs.snapshot.json`).

use serde_json::Value;

use super::{Facts, http::decode_percent, text};

const RECORD: &str = "eventVersion:s eventSource:s awsRegion:s eventTime:s eventName:s userIdentity:o \
    requestParameters:o responseElements:o s3:o";
const S3: &str = "s3SchemaVersion:s configurationId:s bucket:o object:o";
const BUCKET: &str = "name:s ownerIdentity:o arn:s";
/// The same guide, event types, without `s3:`; and the members of `object` each has, the version aside.
const OBJECTS: &[(&str, &str, &str)] = &[
    ("ObjectCreated:Put", "2.1", "key:s size:n eTag:s sequencer:s versionId:s?"),
    ("ObjectCreated:Post", "2.1", "key:s size:n eTag:s sequencer:s versionId:s?"),
    ("ObjectCreated:Copy", "2.1", "key:s size:n eTag:s sequencer:s versionId:s?"),
    ("ObjectCreated:CompleteMultipartUpload", "2.1", "key:s size:n eTag:s sequencer:s versionId:s?"),
    ("ObjectRemoved:Delete", "2.1", "key:s sequencer:s versionId:s?"),
    ("ObjectRemoved:DeleteMarkerCreated", "2.1", "key:s eTag:s sequencer:s versionId:s"),
    // Recorded by LocalStack on AWS: neither size nor sequencer.
    ("ObjectTagging:Put", "2.3", "key:s eTag:s versionId:s?"),
];
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
    facts.members("the record", record, RECORD);
    facts.equal("eventSource", &record["eventSource"], "aws:s3");
    let time = text(&record["eventTime"]);
    let fits = time.len() == 24 && time.ends_with('Z') && time.as_bytes()[10] == b'T';
    facts.hold(fits, &format!("{time} is not written as S3 writes times"));
    facts.members("userIdentity", &record["userIdentity"], "principalId:s");
    facts.session("principalId", &record["userIdentity"]["principalId"], "AWS:");
    facts.members("requestParameters", &record["requestParameters"], "sourceIPAddress:s");
    facts.address(&record["requestParameters"]["sourceIPAddress"]);
    let elements = "x-amz-request-id:s x-amz-id-2:s";
    facts.members("responseElements", &record["responseElements"], elements);
    let s3 = &record["s3"];
    facts.members("s3", s3, S3);
    facts.equal("s3SchemaVersion", &s3["s3SchemaVersion"], "1.0");
    facts.members("bucket", &s3["bucket"], BUCKET);
    facts.members("ownerIdentity", &s3["bucket"]["ownerIdentity"], "principalId:s");
    let arn = format!("arn:aws:s3:::{}", text(&s3["bucket"]["name"]));
    facts.equal("the ARN of the bucket", &s3["bucket"]["arn"], arn);
    object(text(&record["eventName"]), text(&record["eventVersion"]), &s3["object"], facts);
}

fn object(name: &str, version: &str, object: &Value, facts: &mut Facts) {
    let Some((_, known, members)) = OBJECTS.iter().find(|(known, ..)| *known == name) else {
        return facts.hold(false, &format!("S3 has no event {name}"));
    };
    facts.hold(version == *known, &format!("{name} has version {known}, not {version}"));
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
    }
    if let Some(sequencer) = object.get("sequencer").map(text) {
        facts.hold(!sequencer.is_empty() && hex(sequencer), &format!("{sequencer} is no sequencer"));
    }
}

/// Keys are encoded as `java.net.URLEncoder` does it, but for `/` (minio/minio#11665).
fn key(key: &str, facts: &mut Facts) {
    let plain = |it: char| it.is_ascii_alphanumeric() || ".-*_/+%".contains(it);
    facts.hold(key.chars().all(plain), &format!("{key} is not encoded as S3 does it"));
    let decoded = decode_percent(&key.replace('+', " "));
    let fits = decoded.is_some_and(|it| (1..=MAX_KEY_BYTES).contains(&it.len()));
    facts.hold(fits, &format!("no key of 1 to 1,024 bytes is encoded as {key}"));
}
