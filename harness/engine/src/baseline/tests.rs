//! Which source the code of a function points to.

use std::collections::BTreeMap;

use evfuzz_generators::lexicon::{Lexicon, SourceFile};

use super::{expected::*, *};

fn affinities_of(name: &str, code: &str) -> BTreeMap<EventSource, f64> {
    affinities(&Lexicon::learn(&[SourceFile { name, content: code.as_bytes() }]))
}

/// Whether the code points to `source` clearly, and to no other more.
#[track_caller]
fn check(name: &str, code: &str, source: EventSource) {
    let all = affinities_of(name, code);
    let strongest = all.values().copied().fold(0.0, f64::max);
    assert!(all[&source] >= CLEAR && all[&source] >= strongest, "{source:?}: {all:?}");
}

#[test]
fn code_points_to_its_source() {
    check(
        "index.js",
        "exports.handler = async (event) => { for (const key of Object.keys(event.records)) {
           for (const r of event.records[key]) run(Buffer.from(r.value, 'base64'), r.topic, r.partition); } };",
        EventSource::Kafka,
    );
    check(
        "index.js",
        "exports.handler = async (event) => { for (const m of event.messages) run(m.data); };",
        EventSource::ActiveMq,
    );
    check(
        "app.py",
        "def handler(event, context):\n    for queue in event['rmqMessagesByQueue']:\n        run(queue)\n",
        EventSource::RabbitMq,
    );
    check(
        "index.js",
        "exports.handler = async (event) => { const n = event.request.userAttributes.email;
           event.response.autoConfirmUser = check(n); return event; };",
        EventSource::Cognito,
    );
    check(
        "index.js",
        "exports.handler = async (event) => { const request = event.Records[0].cf.request;
           request.uri = request.uri.replace('/a', '/b'); return request; };",
        EventSource::CloudFront,
    );
    check(
        "app.py",
        "def handler(event, context):\n    return run(event['arguments']['id'], event['info']['fieldName'])\n",
        EventSource::AppSync,
    );
    check(
        "app.py",
        "def handler(event, context):\n    mail = event['Records'][0]['ses']['mail']\n    run(mail['commonHeaders']['subject'])\n",
        EventSource::Ses,
    );
    check(
        "index.js",
        "exports.handler = async (event) => { await run(event.input); await client.send(
           new SendTaskSuccessCommand({ taskToken: event.taskToken, output: '{}' })); };",
        EventSource::StepFunctions,
    );
    check(
        "index.js",
        "exports.handler = async (event) => { run(event.clientId, event.topic, event.temperature); };",
        EventSource::Iot,
    );
}

#[test]
fn ordinary_words_point_to_no_trigger() {
    let code = "const querystring = require('querystring');
        const ses = new SES(); const topic = process.env.TOPIC; const userPoolId = process.env.POOL;
        function log() { console.log(arguments); }
        exports.handler = async (event) => {
          const { name, request, response, source } = event;
          const offset = 0, clientId = 'a', cf = new CloudFront(), messages = [], receipt = null;
          return run(event.name, request.id, response.id, source);
        };";
    let all = affinities_of("index.js", code);
    for source in MENTIONED {
        assert_eq!(all[source], 0.0, "{source:?}");
    }
}

#[test]
fn http_functions_point_to_no_trigger() {
    let code = "exports.handler = async (event) => {
        const body = JSON.parse(event.body);
        return { statusCode: 200, body: run(body.request.name, body.response, body.identity, event.headers.host) };
    };";
    let all = affinities_of("index.js", code);
    let http = all[&EventSource::ApiGatewayRest];
    assert!(http >= CLEAR && MENTIONED.iter().all(|it| all[it] < http / 2.0), "{all:?}");
}

#[test]
fn events_inside_of_messages_come_with_the_messages() {
    let lexicon = |code: &str| Lexicon::learn(&[SourceFile { name: "index.js", content: code.as_bytes() }]);
    let queue = lexicon(
        "exports.handler = async (event) => { for (const record of event.Records) {
           const envelope = JSON.parse(record.body);
           for (const r of JSON.parse(envelope.Message).Records) run(r.s3.object.key, r.s3.bucket.name); } };",
    );
    assert!(reads_inside(&queue, EventSource::Sqs));
    let bucket = lexicon("exports.handler = async (event) => run(event.Records[0].s3.object.key);");
    assert!(!reads_inside(&bucket, EventSource::Sqs));
}
