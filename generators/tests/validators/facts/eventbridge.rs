//! Events on a bus: an application's own, a schedule's, and a bucket's.
//!
//! Members: Amazon EventBridge user guide, "Events", and Amazon EventBridge API, PutEventsRequestEntry. Schedules: the same
//! guide, "Creating a rule that runs on a schedule". Buckets: Amazon S3 user guide, "EventBridge event message structure", and
//! LocalStack's records of AWS (`tests/aws/services/s3/test_s3_notifications_eventbridge.snapshot.json`).

use serde_json::Value;

use super::{Facts, is_uuid, md5, text};

const EVENT: &str =
    "version:s id:s detail-type:s source:s account:s time:s region:s resources:a detail:o replay-name:s?";
/// An entry.
const MAX_ENTRY_BYTES: usize = 256 * 1024;
const DETAIL: &str = "version:s event-version:s bucket:o object:o request-id:s requester:s";

/// What a bucket says: the type of the event; what else `detail` has; what `object` has; by whom it is: `user`, `s3`.
const OBJECTS: &[(&str, &str, &str, &str)] = &[
    (
        "Object Created",
        "source-ip-address:s reason:s",
        "key:s size:n etag:s version-id:s? sequencer:s has-object-annotation:b?",
        "user",
    ),
    (
        "Object Deleted",
        "source-ip-address:s? reason:s deletion-type:s",
        "key:s etag:s? version-id:s? sequencer:s",
        "user s3",
    ),
    (
        "Object Restore Initiated",
        "source-ip-address:s source-storage-class:s",
        "key:s size:n etag:s version-id:s?",
        "user",
    ),
    (
        "Object Restore Completed",
        "restore-expiry-time:s source-storage-class:s",
        "key:s size:n etag:s version-id:s?",
        "s3",
    ),
    ("Object Restore Expired", "", "key:s size:n etag:s version-id:s?", "s3"),
    (
        "Object Storage Class Changed",
        "destination-storage-class:s",
        "key:s size:n etag:s version-id:s?",
        "s3",
    ),
    ("Object Access Tier Changed", "destination-access-tier:s", "key:s size:n etag:s version-id:s?", "s3"),
    ("Object ACL Updated", "source-ip-address:s", "key:s etag:s version-id:s?", "user"),
    ("Object Tags Added", "source-ip-address:s", "key:s etag:s version-id:s?", "user"),
    ("Object Tags Deleted", "source-ip-address:s", "key:s etag:s version-id:s?", "user"),
    (
        "Object Annotation Created",
        "source-ip-address:s reason:s object-annotation:o",
        "key:s etag:s version-id:s? sequencer:s",
        "user",
    ),
    (
        "Object Annotation Removed",
        "source-ip-address:s reason:s object-annotation:o",
        "key:s etag:s version-id:s? sequencer:s",
        "user",
    ),
];

/// Which API is the reason of a creation.
const REASONS: [&str; 4] = ["PutObject", "POST Object", "CopyObject", "CompleteMultipartUpload"];

pub(super) fn check(event: &Value, facts: &mut Facts) {
    facts.members("the event", event, EVENT);
    facts.equal("version", &event["version"], "0");
    facts.hold(is_uuid(text(&event["id"])), "id is no UUID");
    let account = text(&event["account"]);
    facts.hold(account.len() == 12 && account.bytes().all(|it| it.is_ascii_digit()), "account is no account");
    facts.seconds(&event["time"]);
    facts.hold(text(&event["region"]).split('-').count() >= 3, "region is no region");
    let kind = text(&event["detail-type"]);
    facts.hold((1..=128).contains(&kind.chars().count()), "detail-type has not 1 to 128 characters");
    let resources = event["resources"].as_array().map_or(&[][..], Vec::as_slice);
    facts.hold(resources.iter().all(Value::is_string), "a resource is no text");
    facts.hold(event["detail"].to_string().len() <= MAX_ENTRY_BYTES, "detail is larger than 256 KB");
    match text(&event["source"]) {
        "aws.s3" => objects(event, resources, facts),
        "aws.events" => {
            facts.equal("detail-type", &event["detail-type"], "Scheduled Event");
            facts.equal("detail", &event["detail"], Value::Object(serde_json::Map::new()));
            let rule = resources.first().map(text).unwrap_or_default();
            facts.hold(
                resources.len() == 1 && rule.starts_with("arn:aws:events:") && rule.contains(":rule/"),
                "a schedule names its rule",
            );
            facts.equal("region", &event["region"], rule.split(':').nth(3));
            facts.equal("account", &event["account"], rule.split(':').nth(4));
        }
        source => facts.hold(
            !source.is_empty() && !source.starts_with("aws."),
            &format!("nobody but AWS sends from {source:?}"),
        ),
    }
}

fn objects(event: &Value, resources: &[Value], facts: &mut Facts) {
    let detail = &event["detail"];
    let kind = text(&event["detail-type"]);
    let Some((_, more, object, actors)) = OBJECTS.iter().find(|(it, ..)| *it == kind) else {
        return facts.hold(false, &format!("a bucket says nothing of {kind}"));
    };
    facts.members("detail", detail, &format!("{DETAIL} {more}"));
    facts.equal("version", &detail["version"], "0");
    facts.equal("event-version", &detail["event-version"], "1.1");
    facts.members("bucket", &detail["bucket"], "name:s aws-generated-tags:o?");
    let arn = format!("arn:aws:s3:::{}", text(&detail["bucket"]["name"]));
    facts.hold(resources.len() == 1 && text(&resources[0]) == arn, "the resource is not the bucket");
    facts.members("object", &detail["object"], object);
    let key = text(&detail["object"]["key"]);
    facts.hold((1..=1_024).contains(&key.len()) && !key.contains('\0'), "no key is like that");
    for hash in [&detail["object"]["etag"], &detail["object-annotation"]["etag"]] {
        let fits = hash.is_null() || text(hash).split('-').next().is_some_and(|it| it.len() == 32);
        facts.hold(fits, &format!("{hash} is no etag"));
    }
    if let Some(sequencer) = detail["object"].get("sequencer").map(text) {
        let hex = sequencer.bytes().all(|it| it.is_ascii_hexdigit());
        facts.hold(hex && !sequencer.is_empty(), &format!("{sequencer} is no sequencer"));
    }
    // Only a request has an address.
    let by_service = text(&detail["requester"]) == "s3.amazonaws.com";
    let address = detail.get("source-ip-address");
    facts.hold(address.is_none() == by_service, "an address without a request, or a request without one");
    address.into_iter().for_each(|it| facts.address(it));
    let actor = if by_service { "s3" } else { "user" };
    facts.hold(actors.contains(actor), &format!("{kind} is not by {actor}"));
    if !by_service {
        let account = text(&detail["requester"]);
        let digits = account.len() == 12 && account.bytes().all(|it| it.is_ascii_digit());
        facts.hold(digits, "the requester is no account");
    }
    facts.hold(text(&detail["request-id"]).len() == 16, "no request has this id");
    match kind {
        "Object Created" => {
            let reason = text(&detail["reason"]);
            facts.hold(REASONS.contains(&reason), &format!("nothing creates objects by {reason}"));
            let told = detail["object"].get("has-object-annotation").is_some();
            facts
                .hold(told == (reason == "CopyObject"), "of copies it is told whether they have annotations");
        }
        "Object Deleted" => {
            let reason = if by_service { "Lifecycle Expiration" } else { "DeleteObject" };
            facts.equal("reason", &detail["reason"], reason);
            let marker = text(&detail["deletion-type"]) == "Delete Marker Created";
            facts.hold(
                marker || text(&detail["deletion-type"]) == "Permanently Deleted",
                "nothing is deleted like that",
            );
            // A note of the guide: attributes of the object are there of a marker alone, which has no content.
            let etag = detail["object"].get("etag").map(text);
            let should = md5(b"");
            facts.hold(etag == marker.then_some(should.as_str()), "the etag is not that of a marker");
            facts.hold(!marker || detail["object"].get("version-id").is_some(), "a marker has no version");
        }
        "Object Annotation Created" => {
            facts.equal("reason", &detail["reason"], "PutObjectAnnotation");
            facts.members("object-annotation", &detail["object-annotation"], "name:s size:n etag:s");
        }
        "Object Annotation Removed" => {
            facts.equal("reason", &detail["reason"], "DeleteObjectAnnotation");
            facts.members("object-annotation", &detail["object-annotation"], "name:s");
        }
        "Object Restore Completed" => facts.seconds(&detail["restore-expiry-time"]),
        _ => {}
    }
}
