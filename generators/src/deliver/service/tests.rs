//! What the real shell hands to the programs that deliver.

use std::process::Command;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::json;

use crate::{
    case::TestCase,
    deliver,
    point::{Locator, Path},
    seeds::seed_from_event,
    source::EventSource,
    wire::event::sender,
};

/// Text that a shell, JSON and a quoted name would each spoil.
const HARD: &str = "it's \"$(x)\" \\ &";

/// The bytes that `program` gets in the command of `event`: its arguments, each ended by NUL, and then its input.
fn handed_over(event: &serde_json::Value, program: &str) -> String {
    let case = TestCase::new(seed_from_event("a", event));
    let command = deliver::command(&case);
    let script = format!(
        "{program}() {{ printf '%s\\0' \"$@\" >&3; if [ -p /dev/stdin ]; then cat >&3; fi; }}; exec 3>&1 </dev/null; {command}"
    );
    let output = Command::new("sh").arg("-c").arg(&script).output().unwrap();
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The event of that name, with `HARD` at `path`.
fn hard(source: EventSource, path: &str) -> serde_json::Value {
    let event = sender(source).unwrap().saying(&json!({ "kind": "x" }));
    let mut seed = seed_from_event("a", &event);
    assert_eq!(seed.source, source);
    let at = Locator::Json { path: Path::from(path.to_owned()) };
    let edit = crate::edit::Edit::SetText { at, text: HARD.to_owned() };
    assert!(crate::case::apply(&mut seed.wire, source, &edit), "{source:?}");
    seed.event()
}

#[test]
fn texts_arrive_as_they_are() {
    let document = json!({ "kind": HARD }).to_string();
    let kafka = handed_over(&hard(EventSource::Kafka, "/records/orders-0/0/value»base64»json»/kind"), "kcat");
    assert!(kafka.ends_with(&document), "{kafka}");
    let activemq = handed_over(&hard(EventSource::ActiveMq, "/messages/0/data»base64»json»/kind"), "openssl");
    assert!(activemq.contains(&format!("\n\n{document}\0")), "{activemq}");
    let rabbitmq = hard(EventSource::RabbitMq, "/rmqMessagesByQueue/orders::~1/0/data»base64»json»/kind");
    let rabbitmq = handed_over(&rabbitmq, "curl");
    let body = rabbitmq.split('\0').find(|it| it.starts_with("{\"properties\"")).unwrap();
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["payload_encoding"], "base64");
    let cognito = hard(EventSource::Cognito, "/request/clientMetadata/kind»json»/kind");
    let cognito = handed_over(&cognito, "aws");
    let metadata = json!({ "kind": document });
    assert_eq!(cognito.matches(&format!("--client-metadata={metadata}\0")).count(), 2, "{cognito}");
    let path = "/Records/0/cf/request/body/data»base64»json»/kind";
    let cloudfront = handed_over(&hard(EventSource::CloudFront, path), "curl");
    assert!(cloudfront.ends_with(&document), "{cloudfront}");
    let path = "/Records/0/ses/mail/commonHeaders/subject»json»/kind";
    let ses = handed_over(&hard(EventSource::Ses, path), "curl");
    assert!(ses.contains(&format!("Subject: {document}\r\n")), "{ses}");
    let iot = handed_over(&hard(EventSource::Iot, "/kind"), "aws");
    assert!(iot.contains(&format!("--payload={document}\0")), "{iot}");
    let appsync = handed_over(&hard(EventSource::AppSync, "/arguments/kind"), "curl");
    assert!(appsync.contains(&format!("\"variables\":{document}")), "{appsync}");
    let task = handed_over(&hard(EventSource::StepFunctions, "/kind"), "aws");
    assert!(task.contains(&format!("--input={document}\0")), "{task}");
    let stack = handed_over(&hard(EventSource::CloudFormation, "/ResourceProperties/kind"), "aws");
    let template = stack.split('\0').find_map(|it| it.strip_prefix("--template-body=")).unwrap();
    let template: serde_json::Value = serde_json::from_str(template).unwrap();
    assert_eq!(template["Resources"]["Resource"]["Properties"]["kind"], HARD);
    let lex = handed_over(&hard(EventSource::Lex, "/inputTranscript»json»/kind"), "aws");
    assert!(lex.contains(&format!("--text={document}\0")), "{lex}");
    let rule =
        handed_over(&hard(EventSource::Config, "/invokingEvent»json»/configurationItem/tags/Name"), "aws");
    assert!(rule.contains(&format!("--tags={}\0", json!([{ "Key": "Name", "Value": HARD }]))), "{rule}");
    let device = hard(EventSource::IotAuthorizer, "/protocolData/mqtt/password»base64»json»/kind");
    let device = handed_over(&device, "aws");
    let context = device.split('\0').find_map(|it| it.strip_prefix("--mqtt-context=")).unwrap();
    let context: serde_json::Value = serde_json::from_str(context).unwrap();
    let password = BASE64_STANDARD.decode(context["password"].as_str().unwrap()).unwrap();
    assert_eq!(password, document.as_bytes());
    let agent = handed_over(&hard(EventSource::BedrockAgent, "/inputText»json»/kind"), "python3");
    assert!(agent.contains(&json!({ "inputText": document }).to_string()[1..40]), "{agent}");
    let login = handed_over(&hard(EventSource::Transfer, "/password»json»/kind"), "aws");
    assert!(login.contains(&format!("--user-password={document}\0")), "{login}");
    let attributes =
        crate::wire::event::sender(EventSource::Connect).unwrap().saying(&json!({ "kind": "x" }));
    assert!(handed_over(&attributes, "aws").contains("--attributes={}\0"));
}
