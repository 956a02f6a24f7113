//! Events to judge: what seeds render to, and what random edits make of them.

use std::collections::BTreeSet;

use evfuzz_generators::{
    case::{Seed, TestCase},
    cover,
    edit::{Edit, Frame},
    grade::Grade,
    lexicon::{Lexicon, SourceFile},
    mutate,
    nonce::NonceSource,
    payload::{Payload, PayloadClass},
    point::Role,
    seeds,
    source::EventSource,
};
use serde_json::Value;

use crate::{shapes, support};

/// A function that reads a bit of everything, so that every shape of seed is tried.
const READER: &str = r"
exports.handler = async (event) => {
  const b = JSON.parse(event.body);
  if (b.mode === 'fast') run(b.order.lines[0].sku, b.note);
  else if (b.mode === 'slow' && b.level > 5) run(b.order.total);
  run(event.queryStringParameters.page, event.headers['x-tenant'], event.pathParameters.id);
  run(event.requestContext.authorizer.claims.email, event.cookies);
  switch (event.routeKey) { case 'DELETE /orders/{id}': run(event.pathParameters.id); }
  if (event.path === '/reports/daily') run(event.httpMethod);
  for (const r of event.Records) {
    const key = decodeURIComponent(r.s3.object.key);
    if (key.startsWith('inbox/') && key.endsWith('.csv')) run(key);
    const m = JSON.parse(r.body);
    run(m.task, m.steps[0].name, r.messageAttributes.kind.stringValue, r.attributes.MessageGroupId);
    run(r.dynamodb.Keys.owner.S, r.dynamodb.NewImage.title.S, r.dynamodb.NewImage.count.N);
    run(r.dynamodb.NewImage.tags.SS, r.dynamodb.OldImage.conf.M.part.S, r.dynamodb.NewImage.on.BOOL);
    for (const s of r.dynamodb.NewImage.list.L) run(s.M.text.S);
  }
};";

/// The same and what makes a queue a FIFO queue.
const FIFO_READER: &str = r"
exports.handler = async (event) => {
  for (const r of event.Records) run(r.attributes.MessageDeduplicationId, JSON.parse(r.body).task);
};";

/// What the sources without a model of their own have, and tumbling windows.
const ENVELOPE_READER: &str = r"
exports.handler = async (event) => {
  if (event.isFinalInvokeForWindow) run(event.state.total, event.state.last);
  run(event.job.userArguments.kind, event.job.userArguments.level);
  if (event.userRequest.headers['X-Own']) run(event.userRequest.headers.Range, JSON.parse(event.configuration.payload).mode);
  run(event.detail.order.id, event.detail.note);
  for (const r of event.Records) {
    run(JSON.parse(r.Sns.Message).task, r.Sns.MessageAttributes.kind.Value, r.kinesis.data, r.s3.object.versionId);
    if (r.eventName.startsWith('ObjectRestore:') || r.eventName === 's3:ObjectAcl:Put') run(r.dynamodb.NewImage.raw.B);
  }
};";

/// What services write into texts, each alone: what an application writes there is not tried then.
const NESTED_READERS: [&str; 5] = [
    r"for (const r of event.Records) for (const o of JSON.parse(JSON.parse(r.body).Message).Records) run(o.s3.object.key);",
    r"for (const r of event.Records) { const { Message, TopicArn } = JSON.parse(r.body); run(TopicArn, JSON.parse(Message).task.name); }",
    r"for (const r of event.Records) { const e = JSON.parse(r.body); run(e.detail.order.id, e.detail.object, e['detail-type']); }",
    r"for (const r of event.Records) run(JSON.parse(r.body).requestPayload.order.id, JSON.parse(r.Sns.Message).Records[0].s3.object.key);",
    r"for (const r of event.records) JSON.parse(gunzip(r.data)).logEvents.map((it) => JSON.parse(it.message).user);
      for (const r of event.Records) JSON.parse(gunzip(r.kinesis.data)).logEvents.map((it) => JSON.parse(it.message).user);",
];

/// The triggers of a user pool that few functions have.
const TRIGGER_READER: &str = r"
exports.handler = async (event) => {
  switch (event.triggerSource) {
    case 'CustomEmailSender_SignUp': case 'CustomSMSSender_SignUp': case 'TokenGeneration_RefreshTokens':
    case 'DefineAuthChallenge_Authentication': case 'CreateAuthChallenge_Authentication':
    case 'VerifyAuthChallengeResponse_Authentication': case 'TokenGeneration_HostedAuth':
    case 'PostAuthentication_Authentication':
      run(event.request.userAttributes['custom:plan'], event.request.clientMetadata.device);
  }
};";

/// A function of which nothing is known, and two that ask for much.
pub(crate) fn lexicons(source: EventSource) -> [Lexicon; 3] {
    // Requests have the names of any envelope as headers of a client's own.
    let own = source.is_http() || source.is_authorizer() || source == EventSource::Sqs;
    let other = if own { FIFO_READER } else { ENVELOPE_READER };
    [Lexicon::default(), learn(READER), learn(other)]
}

/// What is learnt from JavaScript.
pub(crate) fn learn(code: &str) -> Lexicon {
    Lexicon::learn(&[SourceFile { name: "index.js", content: code.as_bytes() }])
}

/// Every seed of `source`: what is made for functions, and our own of rarer shapes.
pub(crate) fn all_seeds(source: EventSource) -> Vec<(Seed, Lexicon)> {
    let mut all: Vec<(Seed, Lexicon)> = Vec::new();
    let lexicons = lexicons(source);
    let triggers = (source == EventSource::Cognito).then(|| learn(TRIGGER_READER));
    let carries =
        matches!(source, EventSource::Sqs | EventSource::Sns | EventSource::Kinesis | EventSource::Firehose);
    let nested = NESTED_READERS.iter().filter(|_| carries);
    let nested: Vec<Lexicon> =
        nested.map(|code| learn(&format!("exports.handler = async (event) => {{ {code} }};"))).collect();
    for lexicon in lexicons.iter().chain(&triggers).chain(&nested) {
        let made = seeds::seeds(source, lexicon).into_iter();
        all.extend(made.map(|seed| (seed, lexicon.clone())));
    }
    let rich = &lexicons[1];
    all.extend(shapes::shapes(source).into_iter().map(|seed| (seed, rich.clone())));
    all
}

/// The events of all seeds.
pub(crate) fn unmutated(source: EventSource) -> Vec<Value> {
    let seeds = all_seeds(source).into_iter();
    seeds.map(|(seed, _)| TestCase::new(seed).render().event).collect()
}

const DOCUMENTED: [&str; 3] = ["/stringListValues", "/binaryListValues", "/md5OfMessageAttributes"];

/// The structural cases of all seeds that somebody can make: what AWS is said to deliver must look like it.
pub(crate) fn unusual(source: EventSource) -> Vec<Value> {
    let (mut tried, mut events) = (BTreeSet::new(), BTreeSet::new());
    for (seed, lexicon) in all_seeds(source) {
        let sendable = cover::sendable(&seed, &lexicon);
        // Most of what can be changed behind the sender's back is the same in all seeds.
        let raw = cover::raw(&seed, &lexicon).into_iter().filter(|edit| tried.insert(edit.clone()));
        // What AWS documents as optional, but has always sent where it was recorded, is not what the facts say.
        let recorded = raw.filter(|edit| !DOCUMENTED.iter().any(|name| edit.at.ends_with(name)));
        for edit in sendable.into_iter().chain(recorded.map(Edit::Raw)) {
            let case = TestCase { seed: seed.clone().into(), edits: vec![edit] };
            if case.grade() != Grade::Forged {
                events.insert(case.render().event.to_string());
            }
        }
    }
    events.iter().map(|event| serde_json::from_str(event).unwrap()).collect()
}

/// About `count` test cases: random edits of all seeds in equal parts, and the first payload of each class at all data points of
/// a seed at once: in every seed if the full numbers are wanted, else in every fourth. The same every time.
pub(crate) fn cases(source: EventSource, count: usize) -> Vec<TestCase> {
    let seeds = all_seeds(source);
    let each = count.div_ceil(seeds.len());
    let mut rng = mutate::rng(20_260_304);
    let mut nonces = NonceSource::new(7);
    let mut cases = Vec::new();
    for (index, (seed, lexicon)) in seeds.into_iter().enumerate() {
        let case = TestCase::new(seed);
        let points = case.points();
        let apart = if support::full() { 1 } else { 4 };
        for (_, class) in
            PayloadClass::ALL.into_iter().enumerate().filter(|(it, _)| (it + index) % apart == 0)
        {
            let payload = Payload::of_class(class).next().unwrap();
            let everywhere: Vec<_> = points
                .iter()
                .filter(|point| point.role == Role::Data)
                .map(|point| (point.locator.clone(), payload, Frame::none(), nonces.take()))
                .collect();
            cases.push(case.plant_all(&everywhere).0);
        }
        let strategy = mutate::edit_script(&case.seed, &points, &lexicon, &PayloadClass::ALL);
        for _ in 0..each {
            let edits = mutate::draw(&strategy, &mut rng, &mut nonces);
            cases.push(TestCase { edits, ..case.clone() });
        }
    }
    cases
}

/// The events of [`cases`].
pub(crate) fn mutated(source: EventSource, count: usize) -> Vec<Value> {
    cases(source, count).iter().map(|case| case.render().event).collect()
}
