//! Every event source finds its weakness, in code as people write it, and the repaired twin stays silent.
//!
//! `tests/sources` holds the functions, one file each: see `weak`.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{Copied, Needs, evfuzz, is_missing, root, run};
use crate::weak::{Weak, files_of, functions, is_at};

/// Sources whose functions are elsewhere: in `targets`, or kin that nothing but the shape of the event tells apart.
const ELSEWHERE: [&str; 5] = ["function-url", "alb", "alb-multi", "s3", "direct"];

/// Runs until the first confirmed command or code, and returns that line.
fn first_found(copied: &Copied, events: &str) -> Option<Value> {
    let mut command: Command = evfuzz(copied.path());
    command.arg("run").arg(&copied.function).args(["--workers", "1", "--format", "json", "--rng-seed", "1"]);
    command.args(["--invocations", events, "--corpus"]).arg(copied.corpus());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let parsed = lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    let found = { parsed }.find(|line| line["type"] == "confirmed" && is_worst(line));
    // It may have ended by itself.
    child.kill().unwrap();
    child.wait().unwrap();
    found
}

fn is_worst(line: &Value) -> bool {
    line["oracle"] == "command-execution" || line["oracle"] == "code-evaluation"
}

fn check(name: &str) {
    if is_missing(if name.ends_with(".py") { Needs::Python } else { Needs::Node }) {
        return;
    }
    let weak = Weak::read(&folder(), name);
    let (source, point, events) = (weak.head("source"), weak.head("point"), weak.head("events"));
    let found = first_found(&weak.copied(false), events);
    let found = found.unwrap_or_else(|| panic!("{name}: nothing found in {events} events"));
    assert_eq!(found["point"], point, "{name}");

    let said = run(&weak.copied(true), &["--invocations", events, "--rng-seed", "1"]);
    let wrong: Vec<&Value> = said.all("confirmed").into_iter().filter(|it| is_worst(it)).collect();
    assert!(wrong.is_empty(), "{name}, repaired: {wrong:#?}");
    // It was asked the same question.
    let rows = said.summary()["coverage"].as_array().unwrap();
    let asked = rows.iter().any(|row| {
        row["source"] == source
            && row["class"] == "shell-command"
            && is_at(row["point"].as_str().unwrap(), point)
    });
    assert!(asked, "{name}, repaired: no payload reached {point} of {source}: {rows:#?}");
}

fn folder() -> PathBuf {
    root().join("tests/sources")
}

#[test]
fn every_file_is_tested_and_every_source_has_one() {
    let files = files_of(&folder());
    assert_eq!(files, FILES.iter().map(|it| (*it).to_owned()).collect::<BTreeSet<String>>());
    let listed = evfuzz(&root()).args(["generate", "--list"]).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let ids = listed.lines().skip(1).take_while(|line| !line.is_empty());
    let ids: BTreeSet<String> = ids.map(|it| it.split_whitespace().next().unwrap().to_owned()).collect();
    let mut tested: BTreeSet<String> =
        files.iter().map(|it| Weak::read(&folder(), it).head("source").to_owned()).collect();
    tested.extend(ELSEWHERE.map(str::to_owned));
    assert_eq!(tested, ids);
}

functions! {
    activemq_property_in_python: "activemq-property.py",
    activemq: "activemq.js",
    apigw_http_cookie: "apigw-http-cookie.js",
    apigw_http_typescript: "apigw-http-typescript.js",
    appsync_events: "appsync-events.mjs",
    appsync: "appsync.js",
    appsync_in_python: "appsync.py",
    authorizer_http_in_python: "authorizer-http.py",
    authorizer_request: "authorizer-request.js",
    authorizer_token: "authorizer-token.js",
    authorizer_token_in_python: "authorizer-token.py",
    bedrock_agent_in_python: "bedrock-agent.py",
    cloudformation_in_python: "cloudformation.py",
    cloudfront_header: "cloudfront-header.js",
    cloudfront_query_in_python: "cloudfront-query.py",
    cloudwatch_logs: "cloudwatch-logs.js",
    cloudwatch_logs_in_python: "cloudwatch-logs.py",
    cognito_challenge: "cognito-challenge.js",
    cognito_message_in_python: "cognito-message.py",
    cognito_migration_in_python: "cognito-migration.py",
    cognito_sign_up: "cognito-sign-up.mjs",
    config: "config.js",
    connect_in_python: "connect.py",
    default_nullish: "default-nullish.mjs",
    default_object: "default-object.js",
    default_object_in_python: "default-object.py",
    dynamodb_json: "dynamodb-json.js",
    dynamodb_window_in_python: "dynamodb-window.py",
    eventbridge_s3_in_python: "eventbridge-s3.py",
    eventbridge: "eventbridge.js",
    firehose: "firehose.js",
    form_body: "form-body.js",
    iot_authorizer: "iot-authorizer.js",
    iot: "iot.js",
    iot_in_python: "iot.py",
    json_cookie: "json-cookie.js",
    json_header_in_python: "json-header.py",
    json_path: "json-path.js",
    json_query: "json-query.js",
    kafka_header_in_python: "kafka-header.py",
    kafka_msk: "kafka-msk.js",
    kinesis_window: "kinesis-window.js",
    lex: "lex.js",
    nested_bus_switch_sqs: "nested-bus-switch-sqs.js",
    nested_destination_gated_sqs_in_python: "nested-destination-gated-sqs.py",
    nested_destination_sqs: "nested-destination-sqs.js",
    nested_eventbridge_sqs: "nested-eventbridge-sqs.mjs",
    nested_logs_firehose: "nested-logs-firehose.js",
    nested_s3_removed_sqs: "nested-s3-removed-sqs.js",
    nested_s3_sns_sqs: "nested-s3-sns-sqs.js",
    nested_s3_sns_in_python: "nested-s3-sns.py",
    nested_s3_sqs_in_python: "nested-s3-sqs.py",
    nested_sns_sqs: "nested-sns-sqs.js",
    nested_topic_named_sqs: "nested-topic-named-sqs.js",
    queue_catch: "queue-catch.js",
    queue_rows: "queue-rows.js",
    rabbitmq_header: "rabbitmq-header.mjs",
    rabbitmq_in_python: "rabbitmq.py",
    s3_batch_arguments: "s3-batch-arguments.mjs",
    s3_batch_in_python: "s3-batch.py",
    s3_object_lambda_headers_in_python: "s3-object-lambda-headers.py",
    s3_object_lambda_url: "s3-object-lambda-url.js",
    ses_in_python: "ses.py",
    sns_attribute: "sns-attribute.js",
    sqs_attribute_in_python: "sqs-attribute.py",
    step_functions_context: "step-functions-context.js",
    step_functions_token_in_python: "step-functions-token.py",
    transfer: "transfer.js",
    vpc_lattice_v2: "vpc-lattice-v2.mjs",
    vpc_lattice_in_python: "vpc-lattice.py",
    websocket: "websocket.js",
    whole_text: "whole-text.js",
}
