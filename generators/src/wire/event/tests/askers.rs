//! Tests of services that ask a function about one thing: a resource, a turn of a conversation, a device, a login.

use super::{
    services::{changed, map, pairs},
    *,
};
use crate::wire::event::{
    bedrock_agent::{Call, called},
    cloudformation, config, connect, iot_authorizer,
    kinesis::table,
    lex::Said,
    transfer::login,
};

#[test]
fn resources_of_a_stack() {
    let properties = json!({ "Name": "x", "Size": 3, "Rules": [{ "Path": "/a", "On": true }], "None": null });
    let event = cloudformation::update(&properties, &json!({ "Name": "old" }), "id-1");
    assert_eq!(event["ResourceProperties"]["Size"], "3");
    assert_eq!(event["ResourceProperties"]["Rules"], json!([{ "Path": "/a", "On": "true" }]));
    check(
        &event,
        EventSource::CloudFormation,
        expect![[r#"
        /ResourceProperties/Name Any Conditional Data
        /ResourceProperties/Size Any Conditional Data
        /ResourceProperties/Rules/0/Path Any Conditional Data
        /ResourceProperties/Rules/0/On Any Conditional Data
        /PhysicalResourceId NonEmpty Conditional Data
        /OldResourceProperties/Name Any Conditional Data
        /ResourceProperties/ (name) Any Conditional Routing
    "#]],
    );
    assert!(changed(&event, "/ResourceProperties/ServiceToken", "x").is_none());
    assert!(changed(&cloudformation::create(&properties), "/ResourceProperties/Name", "$(id)").is_some());
    assert!(changed(&cloudformation::delete(&properties, "id-1"), "/PhysicalResourceId", "").is_none());
}

#[test]
fn turns_of_a_conversation() {
    let said = Said {
        transcript: "two, please".to_owned(),
        slots: vec![("Count".to_owned(), "two".to_owned())],
        session: vec![("user".to_owned(), "ann".to_owned())],
        ..Said::default()
    };
    let event = said.dialog();
    check(
        &event,
        EventSource::Lex,
        expect![[r#"
        /inputTranscript NonEmpty Attacker Data
        /sessionState/intent/slots/Count/value/originalValue NonEmpty Attacker Data
        /sessionState/sessionAttributes/user Any Conditional Data
        /requestAttributes/ (name) NonEmpty Conditional Routing
    "#]],
    );
    let other = changed(&event, "/inputTranscript", "$(id)").unwrap();
    assert_eq!(other["transcriptions"][0]["transcription"], "$(id)");
    let other = changed(&event, "/sessionState/intent/slots/Count/value/originalValue", "$(id)").unwrap();
    let slot = json!({ "shape": "Scalar", "value": {
        "originalValue": "$(id)", "interpretedValue": "$(id)", "resolvedValues": ["$(id)"],
    } });
    for intent in ["/sessionState/intent", "/interpretations/0/intent", "/proposedNextState/intent"] {
        assert_eq!(other.pointer(&format!("{intent}/slots/Count")), Some(&slot), "{intent}");
    }
    assert!(changed(&event, "/inputTranscript", &"x".repeat(1_025)).is_none());
    // Of a slot with a list of values the event says what was meant.
    let mut meant = said.event();
    meant["sessionState"]["intent"]["slots"]["Count"]["value"]["interpretedValue"] = json!("2");
    meant["interpretations"][0]["intent"] = meant["sessionState"]["intent"].clone();
    let other = changed(&meant, "/sessionState/intent/slots/Count/value/originalValue", "zwei").unwrap();
    assert_eq!(other["interpretations"][0]["intent"]["slots"]["Count"]["value"]["interpretedValue"], "2");
}

#[test]
fn contacts_and_calls_of_agents() {
    let contact = connect::contact(&pairs(&[("tier", "gold")]), &pairs(&[("input", r#"{"pin":"1"}"#)]));
    check(
        &contact,
        EventSource::Connect,
        expect![[r#"
        /Details/ContactData/Attributes/tier Any Conditional Data
        /Details/Parameters/input»json»/pin Any Conditional Data
        /Details/ContactData/Attributes/ (name) Base64Url Conditional Routing
    "#]],
    );
    let parameters = pairs(&[("id", "7")]);
    let mut call = called("book it", &parameters, &parameters, Call::Api("/orders", Some(&parameters)));
    check(
        &call,
        EventSource::BedrockAgent,
        expect![[r#"
        /inputText NonEmpty Attacker Data
        /parameters/0/value Any Conditional Data
        /sessionAttributes/id Any Conditional Data
        /requestBody/content/application~1json/properties/0/value Any Conditional Data
        /sessionAttributes/ (name) NonEmpty Conditional Routing
    "#]],
    );
    call["parameters"][0]["type"] = json!("integer");
    assert!(changed(&call, "/parameters/0/value", "x").is_none());
    let function = called("book it", &parameters, &[], Call::Function("book"));
    assert!(changed(&function, "/parameters/0/value", "$(id)").is_some());
}

#[test]
fn changes_of_a_resource() {
    let event = config::changed(&map(json!({ "subnet": "a", "count": 2 })), &[], &[]);
    check(
        &event,
        EventSource::Config,
        expect![[r#"
        /invokingEvent»json»/configurationItem/configuration/subnet Any Conditional Data
        /invokingEvent»json»/configurationItem/resourceName NonEmpty Conditional Data
        /invokingEvent»json»/configurationItem/tags/ (name) NonEmpty Conditional Routing
    "#]],
    );
    let place = "/invokingEvent»json»/configurationItem/resourceName";
    let other = changed(&event, place, "$(id)").unwrap();
    assert!(other["invokingEvent"].as_str().unwrap().contains(r#""resourceName":"$(id)""#));
    assert!(changed(&event, "/ruleParameters", "x").is_none());
}

#[test]
fn devices_and_logins() {
    let device = iot_authorizer::mqtt(Some(("token", false)), "client-1", "user?a=b", b"{\"pin\":\"1\"}");
    check(
        &device,
        EventSource::IotAuthorizer,
        expect![[r#"
        /protocolData/mqtt/username Query Attacker Data
        /protocolData/mqtt/password»base64»json»/pin Any Attacker Data
        /protocolData/mqtt/clientId Path Attacker Data
        /token HeaderText Attacker Data
        /protocolData/mqtt/password»base64»json»/ (name) Any Attacker Routing
    "#]],
    );
    let publisher = iot_authorizer::http("token", &pairs(&[("X-Kind", "a")]));
    check(
        &publisher,
        EventSource::IotAuthorizer,
        expect![[r#"
        /token HeaderText Attacker Data
        /protocolData/http/headers/X-Kind HeaderValue Attacker Data
        /protocolData/http/queryString Uri Attacker Data
    "#]],
    );
    let other = changed(&publisher, "/protocolData/http/queryString", "a=$(id)").unwrap();
    assert_eq!(other["protocolData"]["http"]["queryString"], "?a=$(id)");
    check(
        &login("ann", "secret", "SFTP"),
        EventSource::Transfer,
        expect![[r#"
        /username SqsName Attacker Data
        /password Query Attacker Data
    "#]],
    );
    assert!(changed(&login("ann", "secret", "SFTP"), "/username", "ab").is_none());
}

#[test]
fn changes_of_a_table_in_a_stream() {
    let event = table::change("k", Some(&pairs(&[("title", "a")])), Some(&pairs(&[("title", "b")])));
    check(
        &event,
        EventSource::Kinesis,
        expect![[r#"
        /Records/0/kinesis/data»base64»json»/dynamodb/NewImage/title/S Any Attacker Data
        /Records/0/kinesis/data»base64»json»/dynamodb/OldImage/title/S Any Attacker Data
    "#]],
    );
    let size = |event: &Value| {
        let data = crate::codec::Codec::Base64
            .decode(event["Records"][0]["kinesis"]["data"].as_str().unwrap().as_bytes());
        let change: Value = serde_json::from_str(&data.unwrap().to_text()).unwrap();
        change["dynamodb"]["SizeBytes"].as_u64().unwrap()
    };
    let place = "/Records/0/kinesis/data»base64»json»/dynamodb/NewImage/title/S";
    let other = changed(&event, place, "a longer one").unwrap();
    assert_eq!(size(&other), size(&event) + 11);
    let key = "/Records/0/kinesis/data»base64»json»/dynamodb/NewImage/pk/S";
    assert!(changed(&event, key, "x").is_none());
    assert!(changed(&event, "/Records/0/kinesis/partitionKey", "x").is_none());
}

#[test]
fn headers_are_lists_and_credentials() {
    let token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.c2ln";
    let arn = "arn:aws:execute-api:us-east-1:123456789012:k3vq81zt0m/prod/GET/orders";
    let event = json!({ "type": "TOKEN", "methodArn": arn, "authorizationToken": format!("Bearer {token}") });
    let wire = Wire::parse(EventSource::AuthorizerToken, &event).unwrap();
    assert_eq!(wire.render(EventSource::AuthorizerToken), event);
    let paths: Vec<String> =
        wire.points(EventSource::AuthorizerToken).iter().map(|it| it.path().to_owned()).collect();
    let claim = "/authorizationToken»header-list»/Bearer»jwt»/claims/sub";
    assert!(paths.iter().any(|it| it == claim), "{paths:?}");
    let other = changed(&event, claim, "$(id)").unwrap();
    assert!(other["authorizationToken"].as_str().unwrap().starts_with("Bearer eyJhbGciOiJub25lIn0."));
    // All of it, and nothing that no header can hold.
    assert_eq!(changed(&event, "/authorizationToken", "$(id)").unwrap()["authorizationToken"], "$(id)");
    assert!(changed(&event, "/authorizationToken", "a\nb").is_none());
    assert!(changed(&event, "/authorizationToken", "").is_none());

    let publisher = iot_authorizer::http("token", &pairs(&[("Accept", "text/html, */*;q=0.8")]));
    let at = "/protocolData/http/headers/Accept»header-list»/1/q";
    let other = changed(&publisher, at, "$(id)").unwrap();
    assert_eq!(other["protocolData"]["http"]["headers"]["Accept"], "text/html, */*;q=$(id)");
}
