//! Brokers, triggers and requests: their points, and what AWS derives.

use serde_json::Map;

use super::*;
use crate::wire::event::{
    activemq::activemq,
    appsync::{Context, authorizer},
    cloudfront::{Request, Stage},
    cognito::{FAMILIES, Said},
    iot::{encoded, selected},
    kafka::{msk, record, self_managed},
    rabbitmq::rabbitmq,
    ses::{Letter, mail},
    step_functions::{context, with_token},
};

/// A function of which nothing is known but one name.
struct Mentions(&'static str);

impl Vocabulary for Mentions {
    fn word(&self, index: usize) -> String {
        format!("word{index}")
    }

    fn pairs(&self, _places: &[&[&str]]) -> Vec<(String, String)> {
        Vec::new()
    }

    fn likely_pairs(&self, _places: &[&[&str]]) -> Vec<(String, String)> {
        Vec::new()
    }

    fn object(&self, _place: &[&str]) -> Option<Value> {
        None
    }

    fn mentions(&self, name: &str) -> bool {
        name == self.0
    }

    fn has_literal(&self, _text: &str) -> bool {
        false
    }

    fn object_key(&self, index: usize) -> String {
        self.word(index)
    }
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn map(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

/// The event after `text` was put at `path`; `None` if AWS would not send it.
fn changed(event: &Value, path: &str, text: &str) -> Option<Value> {
    let source = EventSource::recognize(event);
    let mut wire = Wire::parse(source, event).unwrap();
    let at = Locator::Json { path: Path::from(path.to_owned()) };
    apply(&mut wire, source, &Edit::SetText { at, text: text.to_owned() }).then(|| wire.render(source))
}

#[test]
fn topics_of_kafka() {
    let headers = pairs(&[("kind", "ä"), ("doc", r#"{"a":"b"}"#)]);
    let event = msk(&[record(Some("k"), r#"{"a":"x"}"#, &headers), record(None, "word", &[])]);
    check(
        &event,
        EventSource::Kafka,
        expect![[r#"
            /records/orders-0/0/value»base64»json»/a Any Attacker Data
            /records/orders-0/0/headers/0/kind»signed-bytes» Any Attacker Data
            /records/orders-0/0/headers/1/doc»signed-bytes»json»/a Any Attacker Data
            /records/orders-0/0/key»base64» Any Attacker Data
            /records/orders-0/1/value»base64» Any Attacker Data
            /records/orders-0/0/value»base64»json»/ (name) Any Attacker Routing
        "#]],
    );
    check(
        &self_managed(&[record(None, "word", &[])]),
        EventSource::Kafka,
        expect![[r#"
        /records/orders-0/0/value»base64» Any Attacker Data
    "#]],
    );
    // 0xC3 and 0xA4, as a signed byte each.
    assert_eq!(event["records"]["orders-0"][0]["headers"][0], json!({ "kind": [-61, -92] }));
    let at = "/records/orders-0/0/headers/0/kind»signed-bytes»";
    let text = changed(&event, at, "$(ü)").unwrap();
    assert_eq!(text["records"]["orders-0"][0]["headers"][0]["kind"], json!([36, 40, -61, -68, 41]));
}

#[test]
fn queues_of_brokers() {
    check(
        &activemq(&["word".to_owned()], "c", &pairs(&[("kind", "x")])),
        EventSource::ActiveMq,
        expect![[r#"
        /messages/0/correlationID Any Attacker Data
        /messages/0/type Any Attacker Data
        /messages/0/data»base64» Any Attacker Data
        /messages/0/properties/kind Any Attacker Data
    "#]],
    );
    let properties = [("contentType", "text/plain"), ("correlationId", "c")];
    let event = rabbitmq("word", &pairs(&[("kind", "x")]), &properties);
    check(
        &event,
        EventSource::RabbitMq,
        expect![[r#"
        /rmqMessagesByQueue/orders::~1/0/basicProperties/contentType Query Attacker Data
        /rmqMessagesByQueue/orders::~1/0/basicProperties/headers/kind/bytes»signed-bytes» Any Attacker Data
        /rmqMessagesByQueue/orders::~1/0/basicProperties/correlationId Query Attacker Data
        /rmqMessagesByQueue/orders::~1/0/data»base64» Any Attacker Data
    "#]],
    );
    let longer = changed(&event, "/rmqMessagesByQueue/orders::~1/0/data»base64»", "twelve bytes").unwrap();
    let message = &longer["rmqMessagesByQueue"]["orders::/"][0];
    assert_eq!(message["basicProperties"]["bodySize"], 12);
    let id = "/rmqMessagesByQueue/orders::~1/0/basicProperties/correlationId";
    assert!(changed(&event, id, &"x".repeat(255)).is_some());
    assert!(changed(&event, id, &"x".repeat(256)).is_none() && changed(&event, id, "a\0").is_none());
}

#[test]
fn triggers() {
    let said = Said::new(&Mentions(""));
    let event = said.event(&FAMILIES[0]);
    check(
        &event,
        EventSource::Cognito,
        expect![[r#"
            /userName UserName Attacker Data
            /request/userAttributes/name NonEmpty Attacker Data
            /request/userAttributes/email»mailbox»/local LocalPart Attacker Data
            /request/validationData/kind NonEmpty Attacker Data
            /request/clientMetadata/kind Any Attacker Data
            /request/validationData/ (name) UserName Attacker Routing
        "#]],
    );
    for family in &FAMILIES {
        let event = said.event(family);
        assert_eq!(EventSource::recognize(&event), EventSource::Cognito);
        assert!(Wire::parse(EventSource::Cognito, &event).is_some(), "{}", family.source);
    }
    let local = "/request/userAttributes/email»mailbox»/local";
    let mail =
        |text: &str| changed(&event, local, text).map(|it| it["request"]["userAttributes"]["email"].clone());
    assert_eq!(mail("`id`"), Some(json!("`id`@example.com")));
    assert_eq!([mail("$(id)"), mail("a..b"), mail(""), mail(&"x".repeat(65))], [None, None, None, None]);
    assert!(changed(&event, "/userName", "$(id)").is_some() && changed(&event, "/userName", "a b").is_none());
    // A response is the function's to write.
    assert!(changed(&event, "/response/autoConfirmUser", "true").is_none());
}

#[test]
fn the_trigger_that_the_code_names_comes_first() {
    let first = |name| cognito::Cognito.others(&Mentions(name)).swap_remove(0).0;
    assert_eq!(first("UserMigration_Authentication"), "user-migration");
    assert_eq!(first("challengeAnswer"), "verify-auth-challenge");
    assert_eq!(first("claimsAndScopeOverrideDetails"), "pre-token-generation-2");
    assert_eq!(first("anything"), "pre-sign-up");
}

#[test]
fn requests_at_the_edge() {
    let viewer = Request::new("/a%20b/$(x)", "q=a+b").event(Stage::ViewerRequest);
    check(
        &viewer,
        EventSource::CloudFront,
        expect![[r#"
        /Records/0/cf/request/headers/user-agent/0/value HeaderValue Attacker Data
        /Records/0/cf/request/headers/accept/0/value HeaderValue Attacker Data
        /Records/0/cf/request/querystring»form»/q Query Attacker Data
        /Records/0/cf/request/uri»url-path» Query Attacker Data
        /Records/0/cf/request/querystring»form»/ (name) Query Attacker Routing
    "#]],
    );
    check(
        &Request::new("/", "raw").event(Stage::OriginResponse),
        EventSource::CloudFront,
        expect![[r#"
        /Records/0/cf/request/querystring Uri Conditional Data
        /Records/0/cf/request/uri»url-path» Query Attacker Data
    "#]],
    );
    let uri = |text: &str| {
        let event = changed(&viewer, "/Records/0/cf/request/uri»url-path»", text)?;
        Some(event["Records"][0]["cf"]["request"]["uri"].clone())
    };
    assert_eq!(uri("a;$(b)/c d\"%"), Some(json!("/a;$(b)/c%20d%22%25")));
    assert_eq!(uri(&"x".repeat(8_185)), Some(json!(format!("/{}", "x".repeat(8_185)))));
    assert_eq!(uri(&"x".repeat(8_186)), None);
    // Written in another way: nothing of it is changed, for nothing would be as it was.
    let foreign = Request::new("/%24", "a=%41").event(Stage::ViewerRequest);
    let wire = Wire::parse(EventSource::CloudFront, &foreign).unwrap();
    assert_eq!(wire.render(EventSource::CloudFront), foreign);
}

#[test]
fn letters() {
    let letter = Letter {
        name: Some("Ann \"X\", Lee".to_owned()),
        headers: pairs(&[("X-Priority", "1"), ("Received", "x")]),
        ..Letter::default()
    };
    let event = mail(&Letter { name: Some("Ann".to_owned()), ..letter });
    check(
        &event,
        EventSource::Ses,
        expect![[r#"
        /Records/0/ses/mail/source»mailbox»/local LocalPart Attacker Data
        /Records/0/ses/mail/destination/0»mailbox»/local LocalPart Conditional Data
        /Records/0/ses/mail/headers/9/value HeaderValue Attacker Data
        /Records/0/ses/mail/commonHeaders/from/0»mailbox»/name HeaderValue Attacker Data
        /Records/0/ses/mail/commonHeaders/from/0»mailbox»/local LocalPart Attacker Data
        /Records/0/ses/mail/commonHeaders/messageId HeaderValue Attacker Data
        /Records/0/ses/mail/commonHeaders/subject HeaderValue Attacker Data
    "#]],
    );
    let of =
        |event: &Value, pointer: &str| event.pointer(&format!("/Records/0/ses/{pointer}")).unwrap().clone();
    let at = |place: &str| format!("/Records/0/ses/mail/{place}");
    let named = changed(&event, &at("commonHeaders/from/0»mailbox»/name"), "a\"; $(id)").unwrap();
    assert_eq!(of(&named, "mail/commonHeaders/from/0"), r#""a\"; $(id)" <ann@example.com>"#);
    assert_eq!(of(&named, "mail/headers/2/value"), of(&named, "mail/commonHeaders/from/0"));
    let bounced = changed(&event, &at("source»mailbox»/local"), "a'b").unwrap();
    assert_eq!(of(&bounced, "mail/commonHeaders/returnPath"), "a'b@example.com");
    assert_eq!(of(&bounced, "mail/headers/0/value"), "<a'b@example.com>");
    let moved = changed(&event, &at("destination/0»mailbox»/local"), "b").unwrap();
    assert_eq!(of(&moved, "receipt/recipients"), json!(["b@example.org"]));
    let subject = at("commonHeaders/subject");
    assert!(changed(&event, &subject, "two\nlines").is_none() && changed(&event, &subject, "ü").is_none());
}

#[test]
fn messages_of_devices() {
    let payload = map(json!({ "a": { "b": "x" }, "n": 1 }));
    check(
        &selected(payload, "app/orders"),
        EventSource::Iot,
        expect![[r#"
        /a/b Any Attacker Data
        /n Any Attacker Data
        /topic Topic Conditional Data
        /clientId NonEmpty Conditional Data
        / (name) Any Attacker Routing
    "#]],
    );
    check(
        &encoded(b"word"),
        EventSource::Iot,
        expect![[r#"
        /data»base64» Any Attacker Data
        /topic Topic Conditional Data
        /clientId NonEmpty Conditional Data
    "#]],
    );
    let event = selected(map(json!({ "deviceId": "d1", "a": "x" })), "devices/d1/data");
    check(
        &event,
        EventSource::Iot,
        expect![[r#"
        /deviceId TopicLevel Conditional Data
        /a Any Attacker Data
        /clientId NonEmpty Conditional Data
        / (name) Any Attacker Routing
    "#]],
    );
    assert_eq!(changed(&event, "/deviceId", "$(id)").unwrap()["topic"], "devices/$(id)/data");
    assert!(changed(&event, "/deviceId", "a/b").is_none() && changed(&event, "/deviceId", "#").is_none());
}

#[test]
fn fields_of_an_api() {
    let context = Context {
        arguments: map(json!({ "id": "7", "limit": 10, "input": { "doc": r#"{"a":"b"}"# } })),
        headers: map(json!({ "x-tenant": "blue" })),
        claims: map(json!({ "name": "Ann" })),
        ..Context::default()
    };
    check(
        &context.event(),
        EventSource::AppSync,
        expect![[r#"
            /arguments/id Any Attacker Data
            /arguments/input/doc»json»/a Any Attacker Data
            /identity/claims/name Any Conditional Data
            /identity/username UserName Conditional Data
            /request/headers/user-agent HeaderValue Attacker Data
            /request/headers/x-tenant HeaderValue Attacker Data
            /arguments/input/doc»json»/ (name) Any Attacker Routing
        "#]],
    );
    check(
        &json!([context.event()]),
        EventSource::AppSync,
        expect![[r#"
            /0/arguments/id Any Attacker Data
            /0/arguments/input/doc»json»/a Any Attacker Data
            /0/identity/claims/name Any Conditional Data
            /0/identity/username UserName Conditional Data
            /0/request/headers/user-agent HeaderValue Attacker Data
            /0/request/headers/x-tenant HeaderValue Attacker Data
            /0/arguments/input/doc»json»/ (name) Any Attacker Routing
        "#]],
    );
    check(
        &context.published(map(json!({ "a": "x" }))),
        EventSource::AppSync,
        expect![[r#"
        /identity/claims/name Any Conditional Data
        /request/headers/user-agent HeaderValue Attacker Data
        /request/headers/x-tenant HeaderValue Attacker Data
        /events/0/payload/a Any Attacker Data
        /events/0/payload/ (name) Any Attacker Routing
    "#]],
    );
    let variables = map(json!({ "id": "7" }));
    check(
        &authorizer("token", variables, &map(json!({ "x-tenant": "blue" }))),
        EventSource::AppSync,
        expect![[r#"
        /authorizationToken HeaderValue Attacker Data
        /requestContext/variables/id Any Attacker Data
        /requestHeaders/user-agent HeaderValue Attacker Data
        /requestHeaders/x-tenant HeaderValue Attacker Data
    "#]],
    );
    // The schema says that it is a number.
    assert!(changed(&context.event(), "/arguments/limit", "x").is_none());
}

#[test]
fn tasks() {
    check(
        &context(json!({ "a": "x" })),
        EventSource::StepFunctions,
        expect![[r#"
        /Execution/Input/a Any Conditional Data
        /Execution/Input/ (name) Any Conditional Routing
    "#]],
    );
    let waiting = with_token("taskToken", "input", json!({ "a": "x" }));
    check(
        &waiting,
        EventSource::StepFunctions,
        expect![[r#"
        /input/a Any Conditional Data
        / (name) Any Conditional Routing
    "#]],
    );
    assert!(changed(&waiting, "/taskToken", "x").is_none());
}
