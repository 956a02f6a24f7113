//! Events on a bus: an application's own, a schedule's, and those of AWS's services. Amazon EventBridge user guide,
//! "Events".

pub(super) mod objects;

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::{Rule, Sender, Vocabulary};
use crate::{point::Charset, tree::Node, wire::facts};
use objects::{OBJECT_EVENTS, ObjectEvent, object_event};

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

/// `Object Created` and its like: see `objects`.
static OBJECTS: LazyLock<Vec<Rule>> =
    LazyLock::new(|| vec![Rule::new("/detail/object/key", Charset::ObjectKey, 1_024).conditional()]);

/// Schedules, and what other services of AWS say: nobody can forge it (`source` may not begin with `aws.`).
static NONE: LazyLock<Vec<Rule>> = LazyLock::new(Vec::new);

/// The source.
pub(super) struct EventBridge;

impl Sender for EventBridge {
    fn rules(&self, event: &Node) -> &'static [Rule] {
        match event.member("source").filter(|it| it.is_leaf()).map(Node::sent).as_deref() {
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

    fn called(&self, event: &Value) -> &'static [&'static str] {
        // A bus of one's own takes no `aws.` as source: what is compared with that stays as it is.
        match event["source"].as_str() {
            Some(source) if source.starts_with("aws.") => &[],
            Some(_) | None => &["/detail-type", "/source"],
        }
    }

    fn others(&self, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        // A bucket's events that the code asks for, else the two that every bucket has.
        let asked = |it: &ObjectEvent| words.has_literal(it.detail_type);
        let any = OBJECT_EVENTS.iter().any(asked);
        let wanted = OBJECT_EVENTS
            .iter()
            .enumerate()
            .filter(|(index, it)| if any { asked(it) } else { *index < 2 })
            .map(|(_, it)| (it.name, object_event(it, &words.object_key(0))));
        wanted.chain([("schedule", schedule())]).collect()
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
