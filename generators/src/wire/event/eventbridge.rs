//! Events on a bus: an application's own, a schedule's, and those of AWS's services. Amazon EventBridge user guide,
//! "Events".

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::{Rule, Sender, Vocabulary};
use crate::{point::Charset, tree::Node, tree::Path, wire::facts};

/// Amazon EventBridge API, PutEvents: 256 KB for an entry.
const MAX_ENTRY_BYTES: usize = 256 * 1024;

/// What an application puts on its own bus.
static OWN: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    vec![
        Rule::new("/detail/**", Charset::Any, MAX_ENTRY_BYTES),
        // The same API: 128 characters. A rule has matched it, so it decides who is asked at all.
        Rule::new("/detail-type", Charset::NonEmpty, 128).conditional().routing(),
        Rule::new("/resources/*", Charset::NonEmpty, 2_048).conditional(),
    ]
});

/// `Object Created` and its like. Whether keys are URL-encoded there is not documented.
static OBJECTS: LazyLock<Vec<Rule>> =
    LazyLock::new(|| vec![Rule::new("/detail/object/key", Charset::ObjectKey, 1_024).conditional()]);

/// Schedules, and what other services of AWS say: nobody can forge it (`source` may not begin with `aws.`).
static NONE: LazyLock<Vec<Rule>> = LazyLock::new(Vec::new);

/// The source.
pub(super) struct EventBridge;

impl Sender for EventBridge {
    fn rules(&self, event: &Node) -> &'static [Rule] {
        match event.leaf_text(&Path::root().member("source")).as_deref() {
            Some("aws.s3") => &OBJECTS,
            Some(source) if source.starts_with("aws.") => &NONE,
            Some(_) | None => &OWN,
        }
    }

    fn reads(&self) -> &'static [&'static [&'static str]] {
        &[&["detail"]]
    }

    fn saying(&self, content: &Value) -> Value {
        custom("Order Placed", content.clone())
    }

    fn others(&self, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        vec![("object-created", object_created(&format!("{}.txt", words.word(0)))), ("schedule", schedule())]
    }

    fn bare(&self, _words: &dyn Vocabulary) -> Value {
        schedule()
    }
}

fn event(source: &str, detail_type: &str, resources: &[String], detail: Value) -> Value {
    json!({
        "version": "0",
        "id": facts::uuid("eventbridge", 0),
        "detail-type": detail_type,
        "source": source,
        "account": facts::ACCOUNT,
        // To the second.
        "time": format!("{}Z", &facts::ISO_TIME[..19]),
        "region": facts::REGION,
        "resources": resources,
        "detail": detail,
    })
}

/// What an application has put on a bus.
pub(super) fn custom(detail_type: &str, detail: Value) -> Value {
    event("app.orders", detail_type, &[], detail)
}

/// A schedule's.
pub(super) fn schedule() -> Value {
    let rule = format!("arn:aws:events:{}:{}:rule/schedule", facts::REGION, facts::ACCOUNT);
    event("aws.events", "Scheduled Event", &[rule], json!({}))
}

/// An object in a bucket that tells its bus. Shape: LocalStack's records of AWS.
pub(super) fn object_created(key: &str) -> Value {
    let bucket = "amzn-s3-demo-bucket";
    event(
        "aws.s3",
        "Object Created",
        &[format!("arn:aws:s3:::{bucket}")],
        json!({
            "version": "0",
            "bucket": { "name": bucket },
            "object": {
                "key": key,
                "size": 1_024,
                "etag": facts::md5_hex(b"object"),
                "sequencer": "0069A7BDBFE1C0D3A7",
            },
            "request-id": facts::token("s3 request", 0, 16),
            "requester": facts::ACCOUNT,
            "source-ip-address": facts::SOURCE_IP,
            "reason": "PutObject",
        }),
    )
}
