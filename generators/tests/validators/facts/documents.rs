//! Sources whose events are any JSON object: only what AWS adds can be wrong.
//!
//! AWS IoT Core developer guide, "AWS IoT SQL reference", and its quotas; AWS Step Functions developer guide, "Accessing
//! execution data from the Context object".

use serde_json::Value;

use super::{Facts, text};

pub(super) fn iot(event: &Value, facts: &mut Facts) {
    facts.hold(event.is_object(), "the statement selects an object");
    let (topic, client) = (text(&event["topic"]), text(&event["clientId"]));
    let fits = (1..=256).contains(&topic.len())
        && !topic.contains(['+', '#', '\0'])
        && topic.matches('/').count() <= 7;
    facts.hold(fits, &format!("{topic:?} is no topic"));
    facts.hold((1..=128).contains(&client.len()), &format!("{client:?} is no client id"));
    facts.equal("the time", &event["timestamp"], 1_772_600_767_890_u64);
    // `topic(2)` of `devices/+/data`.
    if let Some(level) = topic.strip_prefix("devices/").and_then(|it| it.strip_suffix("/data"))
        && event.as_object().is_some_and(|it| it.contains_key("device"))
    {
        facts.equal("the level", &event["device"], level);
    }
}

pub(super) fn step_functions(event: &Value, facts: &mut Facts) {
    let members = event.as_object();
    let all = members.into_iter().flat_map(|it| it.values()).chain([event]);
    let mut found = 0;
    for context in
        all.filter(|it| ["Execution", "State", "StateMachine"].iter().all(|name| it[*name].is_object()))
    {
        found += 1;
        facts.members("the context", context, "Execution:o State:o StateMachine:o Task:o?");
        let (execution, machine) = (&context["Execution"], &context["StateMachine"]);
        // The input of an execution is any JSON.
        facts.members("Execution", execution, "Id:s Input:snboa0 Name:s RoleArn:s StartTime:s");
        facts.members("State", &context["State"], "EnteredTime:s Name:s RetryCount:n");
        facts.members("StateMachine", machine, "Id:s Name:s");
        let id = text(&machine["Id"]).replace(":stateMachine:", ":execution:");
        facts.equal("the execution", &execution["Id"], format!("{id}:{}", text(&execution["Name"])));
    }
    let tokens = ["TaskToken", "taskToken", "token"].iter().filter_map(|name| event[*name].as_str());
    found += tokens.filter(|it| it.len() >= 40).count();
    facts.hold(found > 0, "nothing in it is of Step Functions");
    facts.hold(event.to_string().len() <= 256 * 1_024, "the input is too large");
}
