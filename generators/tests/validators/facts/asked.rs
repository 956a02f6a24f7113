//! What a function is asked about: a resource of a stack, a change, a device, a login.
//!
//! AWS CloudFormation user guide, "Custom resource request objects"; AWS Config developer guide, "Example events for AWS Config
//! rules"; AWS IoT Core developer guide, "Defining your Lambda function"; AWS Transfer Family user guide, "Using AWS Lambda to
//! integrate your identity provider".

use serde_json::Value;

use super::{Facts, base64, is_uuid, object, text};

const REQUEST: &str = "RequestType:s ServiceToken:s ResponseURL:s StackId:s RequestId:s LogicalResourceId:s ResourceType:s \
    ResourceProperties:o";

pub(super) fn cloudformation(event: &Value, facts: &mut Facts) {
    let more = match text(&event["RequestType"]) {
        "Create" => "",
        "Update" => " PhysicalResourceId:s OldResourceProperties:o",
        "Delete" => " PhysicalResourceId:s",
        other => return facts.hold(false, &format!("nothing is requested by {other:?}")),
    };
    facts.members("the request", event, &format!("{REQUEST}{more}"));
    let stack = text(&event["StackId"]);
    let id = stack.rsplit('/').next().unwrap_or_default();
    facts.hold(stack.starts_with("arn:aws:cloudformation:") && is_uuid(id), "StackId is no stack");
    facts.hold(is_uuid(text(&event["RequestId"])), "RequestId is no UUID");
    let url = text(&event["ResponseURL"]);
    let names = url.starts_with("https://cloudformation-custom-resource-response-")
        && url.contains(&stack.replace(':', "%3A"))
        && url.contains(&format!(
            "%7C{}%7C{}?",
            text(&event["LogicalResourceId"]),
            text(&event["RequestId"])
        ))
        && !url.ends_with('9');
    facts.hold(names, "ResponseURL is not for this request");
    let plain = |it: char| it.is_ascii_alphanumeric();
    facts.hold(text(&event["LogicalResourceId"]).chars().all(plain), "a logical id has other characters");
    let kind = text(&event["ResourceType"]);
    let is_custom = kind.starts_with("Custom::") || kind == "AWS::CloudFormation::CustomResource";
    facts.hold(is_custom, &format!("{kind} is not custom"));
    for name in ["ResourceProperties", "OldResourceProperties"] {
        if let Some(properties) = event.get(name) {
            facts.equal("the token", &properties["ServiceToken"], event["ServiceToken"].clone());
            facts.hold(of_texts(properties), &format!("{name} has other scalars than texts"));
        }
    }
    if let Some(id) = event.get("PhysicalResourceId") {
        facts.hold((1..=1_024).contains(&text(id).len()), "no id is empty or longer than 1 KB");
    }
    let token = text(&event["ServiceToken"]);
    let is_function = token.starts_with("arn:aws:lambda:") && token.ends_with(":function:function");
    facts.hold(is_function, "ServiceToken is no function");
}

fn of_texts(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.values().all(of_texts),
        Value::Array(elements) => elements.iter().all(of_texts),
        other => other.is_string(),
    }
}

const ASKED: &str = "version:s invokingEvent:s ruleParameters:s resultToken:s eventLeftScope:b executionRoleArn:s \
    configRuleArn:s configRuleName:s configRuleId:s accountId:s";
const ITEM: &str = "relatedEvents:a relationships:a configuration:o supplementaryConfiguration:o tags:o \
    configurationItemVersion:s configurationItemCaptureTime:s configurationStateId:n awsAccountId:s \
    configurationItemStatus:s resourceType:s resourceId:s resourceName:s ARN:s awsRegion:s availabilityZone:s \
    configurationStateMd5Hash:s resourceCreationTime:s";

pub(super) fn config(event: &Value, facts: &mut Facts) {
    facts.members("the event", event, ASKED);
    facts.equal("the version", &event["version"], "1.0");
    let rule = format!(":config-rule/{}", text(&event["configRuleId"]));
    facts.hold(text(&event["configRuleArn"]).ends_with(&rule), "configRuleArn is of another rule");
    facts.hold(text(&event["executionRoleArn"]).contains(":role/"), "executionRoleArn is no role");
    let parameters: Value = serde_json::from_str(text(&event["ruleParameters"])).unwrap_or_default();
    let are_texts = parameters.as_object().is_some_and(|it| it.values().all(Value::is_string));
    facts.hold(are_texts, "ruleParameters is no JSON object of texts");
    let Ok(happened) = serde_json::from_str::<Value>(text(&event["invokingEvent"])) else {
        return facts.hold(false, "invokingEvent is no JSON");
    };
    facts.milliseconds(&happened["notificationCreationTime"]);
    if happened["messageType"] == "ScheduledNotification" {
        facts.members(
            "the notification",
            &happened,
            "awsAccountId:s notificationCreationTime:s messageType:s recordVersion:s",
        );
        return facts.equal("the account", &happened["awsAccountId"], event["accountId"].clone());
    }
    facts.equal("the type", &happened["messageType"], "ConfigurationItemChangeNotification");
    let members = "configurationItemDiff:0 configurationItem:o notificationCreationTime:s messageType:s recordVersion:s";
    facts.members("the notification", &happened, members);
    let item = &happened["configurationItem"];
    facts.members("the item", item, ITEM);
    facts.equal("the account", &item["awsAccountId"], event["accountId"].clone());
    facts.milliseconds(&item["configurationItemCaptureTime"]);
    let is_named = text(&item["ARN"]).ends_with(&format!("/{}", text(&item["resourceId"])));
    facts.hold(is_named, "ARN is of another resource");
    facts
        .hold(text(&item["availabilityZone"]).starts_with(text(&item["awsRegion"])), "the zone is elsewhere");
    for (name, value) in object(&item["tags"]) {
        let fits = (1..=128).contains(&name.chars().count()) && text(&value).chars().count() <= 256;
        facts.hold(value.is_string() && fits, &format!("{name:?} is no tag"));
    }
}

pub(super) fn iot_authorizer(event: &Value, facts: &mut Facts) {
    let members = "token:s? signatureVerified:b protocols:a protocolData:o connectionMetadata:o";
    facts.members("the event", event, members);
    facts.members("connectionMetadata", &event["connectionMetadata"], "id:s");
    facts.hold(is_uuid(text(&event["connectionMetadata"]["id"])), "the connection's id is no UUID");
    let data = &event["protocolData"];
    facts.members("protocolData", data, "tls:o http:o? mqtt:o?");
    let named: Vec<&str> = event["protocols"].as_array().into_iter().flatten().map(text).collect();
    let mut there: Vec<String> = object(data).keys().cloned().collect();
    there.sort_by_key(|it| named.iter().position(|name| name == it));
    facts.hold(there == named, "the protocols are not those of the data");
    facts.members("tls", &data["tls"], "serverName:s");
    facts.hold(text(&data["tls"]["serverName"]).ends_with(".amazonaws.com"), "the server is none of AWS");
    let has_token = event.get("token").is_some_and(|it| !text(it).is_empty());
    facts.hold(has_token || event["signatureVerified"] != true, "there is a signature of nothing");
    if let Some(mqtt) = data.get("mqtt") {
        facts.members("mqtt", mqtt, "username:s password:s clientId:s");
        facts.hold(!text(&mqtt["username"]).contains('\0'), "a text of MQTT holds no NUL");
        facts.hold(base64(text(&mqtt["password"])).is_some(), "the password is no base64");
        facts.hold((1..=128).contains(&text(&mqtt["clientId"]).len()), "a client id has 1 to 128 bytes");
    }
    if let Some(http) = data.get("http") {
        facts.members("http", http, "headers:o queryString:s");
        let query = text(&http["queryString"]);
        let plain = |it: char| it.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/?%".contains(it);
        facts.hold(query.starts_with('?') && query.chars().all(plain), "the query is none");
        facts.equal("the host", &http["headers"]["Host"], data["tls"]["serverName"].clone());
        for (_, value) in object(&http["headers"]) {
            let it = text(&value);
            let plain = it.chars().all(|it| matches!(it, ' '..='~' | '\t'));
            facts.hold(
                value.is_string() && plain && it.trim() == it,
                &format!("{value} cannot be in a header"),
            );
        }
    }
}

pub(super) fn transfer(event: &Value, facts: &mut Facts) {
    facts.members("the event", event, "username:s password:s protocol:s serverId:s sourceIp:s");
    let name = text(&event["username"]);
    let word = |it: char| it.is_ascii_alphanumeric() || it == '_';
    let fits = (3..=100).contains(&name.len())
        && name.starts_with(word)
        && name.chars().all(|it| word(it) || "@.-".contains(it));
    facts.hold(fits, &format!("{name:?} is no user name"));
    facts.hold(text(&event["password"]).len() <= 1_024, "the password is too long");
    facts.hold(["SFTP", "FTPS", "FTP"].contains(&text(&event["protocol"])), "there is no such protocol");
    let id = text(&event["serverId"]).strip_prefix("s-").unwrap_or_default();
    let fits = id.len() == 17 && id.bytes().all(|it| it.is_ascii_hexdigit());
    facts.hold(fits, "serverId is no server");
    facts.address(&event["sourceIp"]);
}
