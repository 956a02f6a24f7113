//! A custom rule of AWS Config that is asked about a resource. AWS Config developer guide, "Example events for AWS Config rules".
//!
//! What happened is JSON in a text. Who owns a resource chooses its name, tags and many of its settings; the parameters of the
//! rule are configuration.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::{Rule, Sender, Vocabulary, as_text};
use crate::{
    point::Charset,
    tree::{Node, Path},
    wire::facts,
};

/// The same guide: a larger item is not in the event, which then says so. AWS Lambda quotas, asynchronous events: 256 KB.
const MAX_ITEM_BYTES: usize = 100 * 1024;

static CHANGED: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let inside = |place: &str, charset, bytes| {
        let place = format!("/invokingEvent»json»/configurationItem{place}");
        Rule::new(&place, charset, bytes).conditional()
    };
    vec![
        inside("/resourceName", Charset::NonEmpty, 256).texts(),
        // AWS Resource Groups Tagging API, TagResources: 128 characters of a key, 256 of a value.
        inside("/tags/*", Charset::Any, 256).names(Charset::NonEmpty, 128),
        // The resource's own type says which settings there are.
        inside("/configuration/**", Charset::Any, MAX_ITEM_BYTES).texts(),
    ]
});

/// On a schedule nobody says anything.
static SCHEDULED: LazyLock<Vec<Rule>> = LazyLock::new(Vec::new);

static ITEM: LazyLock<Path> =
    LazyLock::new(|| Path::from("/invokingEvent»json»/configurationItem".to_owned()));

/// The source.
pub(super) struct Config;

impl Sender for Config {
    fn rules(&self, event: &Node) -> &'static [Rule] {
        if event.get(&ITEM).is_some() { &CHANGED } else { &SCHEDULED }
    }

    fn reads(&self) -> &'static [&'static [&'static str]] {
        &[&["invokingEvent", "configurationItem", "configuration"]]
    }

    fn saying(&self, content: &Value) -> Value {
        changed(&settings(content), &[("Name".to_owned(), "app".to_owned())], &[])
    }

    fn others(&self, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        let parameters = words.pairs(&[&["ruleParameters"]]);
        let mut tags = words.pairs(&[&["invokingEvent", "configurationItem", "tags"]]);
        if tags.is_empty() {
            tags.push(("Name".to_owned(), words.word(0)));
        }
        let settings = words.pairs(self.reads());
        let settings = settings.into_iter().map(|(name, it)| (name, it.into())).collect();
        vec![("tagged", changed(&settings, &tags, &parameters)), ("scheduled", scheduled(&parameters))]
    }
}

fn settings(content: &Value) -> Map<String, Value> {
    match content {
        Value::Object(members) => members.clone(),
        other => Map::from_iter([("description".to_owned(), as_text(other).into())]),
    }
}

/// A resource was changed.
pub(super) fn changed(
    settings: &Map<String, Value>,
    tags: &[(String, String)],
    parameters: &[(String, String)],
) -> Value {
    let id = "i-0a1b2c3d4e5f67890";
    let tags: Map<String, Value> =
        tags.iter().map(|(name, it)| (name.clone(), Value::from(it.as_str()))).collect();
    let happened = json!({
        "configurationItemDiff": null,
        "configurationItem": {
            "relatedEvents": [],
            "relationships": [],
            "configuration": settings,
            "supplementaryConfiguration": {},
            "tags": tags,
            "configurationItemVersion": "1.3",
            "configurationItemCaptureTime": facts::ISO_TIME,
            "configurationStateId": 1_772_600_767_890_u64,
            "awsAccountId": facts::ACCOUNT,
            "configurationItemStatus": "OK",
            "resourceType": "AWS::EC2::Instance",
            "resourceId": id,
            "resourceName": "app",
            "ARN": format!("arn:aws:ec2:{}:{}:instance/{id}", facts::REGION, facts::ACCOUNT),
            "awsRegion": facts::REGION,
            "availabilityZone": format!("{}a", facts::REGION),
            "configurationStateMd5Hash": "",
            "resourceCreationTime": "2026-03-01T00:00:00.000Z",
        },
        "notificationCreationTime": facts::ISO_TIME,
        "messageType": "ConfigurationItemChangeNotification",
        "recordVersion": "1.3",
    });
    asked(&happened, parameters)
}

/// It is time.
fn scheduled(parameters: &[(String, String)]) -> Value {
    let happened = json!({
        "awsAccountId": facts::ACCOUNT,
        "notificationCreationTime": facts::ISO_TIME,
        "messageType": "ScheduledNotification",
        "recordVersion": "1.0",
    });
    asked(&happened, parameters)
}

fn asked(happened: &Value, parameters: &[(String, String)]) -> Value {
    let parameters: Map<String, Value> =
        parameters.iter().map(|(name, it)| (name.clone(), Value::from(it.as_str()))).collect();
    let rule = "config-rule-ab12cd";
    json!({
        "version": "1.0",
        "invokingEvent": happened.to_string(),
        "ruleParameters": Value::Object(parameters).to_string(),
        "resultToken": facts::token("config result", 0, 88),
        "eventLeftScope": false,
        "executionRoleArn": format!("arn:aws:iam::{}:role/config-role", facts::ACCOUNT),
        "configRuleArn": format!("arn:aws:config:{}:{}:config-rule/{rule}", facts::REGION, facts::ACCOUNT),
        "configRuleName": "rule",
        "configRuleId": rule,
        "accountId": facts::ACCOUNT,
    })
}
