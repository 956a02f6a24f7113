//! Tests of what code points to.

use evfuzz_generators::lexicon::SourceFile;

use super::*;

fn learn(code: &str) -> Lexicon {
    Lexicon::learn(&[SourceFile { name: "index.js", content: code.as_bytes() }])
}

/// The sources to which the code points more than half as strongly as to any, the strongest first; kin only by name.
fn expected(code: &str) -> Vec<&'static str> {
    let lexicon = learn(code);
    let affinity = affinities(&lexicon);
    let strongest = affinity.values().copied().fold(0.0, f64::max);
    let mut sources: Vec<EventSource> = EventSource::ALL.to_vec();
    sources.retain(|it| it.reads_like().is_none() || names_kin(&lexicon, *it));
    sources.retain(|it| affinity[it] > 0.0 && affinity[it] >= strongest / 2.0);
    sources.sort_by(|a, b| affinity[b].total_cmp(&affinity[a]));
    sources.into_iter().map(EventSource::id).collect()
}

#[test]
fn kin_are_expected_by_their_own_names_only() {
    let proxy = "exports.handler = async (event) => { const q = event.queryStringParameters.q; \
                 const b = JSON.parse(event.body); return run(event.httpMethod, b.x, q); }";
    assert_eq!(expected(proxy), ["apigw-rest"]);
    let http = "exports.handler = async (event) => { run(event.rawPath, event.requestContext.http.method); }";
    assert_eq!(expected(http), ["apigw-http"]);
    let balanced = "exports.handler = async (event) => { if (event.requestContext.elb) run(event.queryStringParameters.q, \
                    event.httpMethod); }";
    assert_eq!(expected(balanced), ["alb", "alb-multi", "apigw-rest"]);
    let socket = "exports.handler = async (event) => { const { connectionId, routeKey } = event.requestContext; \
                  run(connectionId, JSON.parse(event.body).text); }";
    assert!(expected(socket).contains(&"apigw-websocket"), "{:?}", expected(socket));
}

#[test]
fn authorizers_are_expected_by_what_they_are_asked() {
    let token = "exports.handler = async (event) => allow(event.authorizationToken);";
    // The authorizer of a GraphQL API is asked by the same name.
    assert!(expected(token).contains(&"authorizer-token"), "{:?}", expected(token));
    let request = "exports.handler = async (event) => allow(event.headers.authorization, event.methodArn);";
    assert_eq!(expected(request)[0], "authorizer-request");
    let http = "exports.handler = async (event) => ({ isAuthorized: check(event.identitySource[0], event.routeArn) });";
    assert_eq!(expected(http), ["authorizer-http"]);
}

/// A connection that is read from a table is no event's.
#[test]
fn ordinary_words_name_no_kin_unless_they_are_read_from_an_event() {
    let broadcast = "exports.handler = async (event) => { const { Items } = await scan(); \
                     for (const { connectionId } of Items) post(connectionId, event.httpMethod); }";
    assert_eq!(expected(broadcast), ["apigw-rest"]);
}

/// The weight of a name must not change because a source has kin.
#[test]
fn kin_do_not_share_the_names_of_what_they_read_like() {
    let affinity =
        affinities(&learn("exports.handler = (event) => f(event.httpMethod, event.rawPath, event.body);"));
    // `body` is a name of two kinds of API and of a queue.
    let third = 1.0 / 3.0;
    assert!((affinity[&EventSource::ApiGatewayRest] - 1.0 - third).abs() < 1e-9, "{affinity:?}");
    assert!((affinity[&EventSource::ApiGatewayHttp] - 1.0 - third).abs() < 1e-9, "{affinity:?}");
    assert!((affinity[&EventSource::Sqs] - third).abs() < 1e-9, "{affinity:?}");
    assert_eq!(affinity[&EventSource::Alb], affinity[&EventSource::ApiGatewayRest]);
    assert_eq!(affinity[&EventSource::FunctionUrl], affinity[&EventSource::ApiGatewayHttp]);
}
