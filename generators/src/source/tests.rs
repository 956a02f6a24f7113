//! Tests of event sources: ids and recognition.

use serde_json::json;

use super::*;
use crate::{lexicon::Lexicon, seeds::seeds};

#[test]
fn ids_read_back() {
    for source in EventSource::ALL {
        assert_eq!(EventSource::from_id(source.id()), Some(source));
        assert_eq!(serde_json::to_value(source).unwrap(), json!(source.id()));
    }
    assert_eq!(EventSource::from_id("kinesis-video"), None);
}

#[test]
fn recognizes_its_own_seeds() {
    for source in EventSource::ALL {
        for seed in seeds(source, &Lexicon::default()) {
            assert_eq!(EventSource::recognize(&seed.event()), source, "{}", seed.name);
        }
    }
}

#[test]
fn recognizes_abridged_events() {
    let of = |event| EventSource::recognize(&event);
    assert_eq!(of(json!({ "httpMethod": "GET", "path": "/" })), EventSource::ApiGatewayRest);
    assert_eq!(of(json!({ "rawPath": "/" })), EventSource::ApiGatewayHttp);
    assert_eq!(of(json!({ "Records": [{ "body": "x" }] })), EventSource::Sqs);
    assert_eq!(of(json!({ "Records": [] })), EventSource::Direct);
    assert_eq!(of(json!({ "Records": [{ "eventSource": "aws:kinesis" }] })), EventSource::Kinesis);
    assert_eq!(of(json!({ "Records": [{ "eventSource": "aws:other" }] })), EventSource::Direct);
    assert_eq!(of(json!({ "Records": [{ "Sns": { "Message": "x" } }] })), EventSource::Sns);
    assert_eq!(of(json!({ "detail-type": "x", "detail": {} })), EventSource::EventBridge);
    assert_eq!(of(json!({ "httpMethod": "GET", "requestContext": { "elb": {} } })), EventSource::Alb);
    assert_eq!(
        of(json!({ "multiValueHeaders": {}, "requestContext": { "elb": {} } })),
        EventSource::AlbMulti
    );
    let url = json!({ "rawPath": "/", "requestContext": { "domainName": "x.lambda-url.eu-west-1.on.aws" } });
    assert_eq!(of(url), EventSource::FunctionUrl);
    let iam = json!({ "version": "2.0", "requestContext": { "http": {}, "accountId": "anonymous" } });
    assert_eq!(of(iam), EventSource::FunctionUrl);
    assert_eq!(of(json!({ "requestContext": { "connectionId": "a=" } })), EventSource::WebSocket);
    let token = json!({ "type": "TOKEN", "authorizationToken": "x", "methodArn": "y" });
    assert_eq!(of(token), EventSource::AuthorizerToken);
    let asked = json!({ "type": "REQUEST", "methodArn": "y", "requestContext": { "connectionId": "a=" } });
    assert_eq!(of(asked), EventSource::AuthorizerRequest);
    assert_eq!(of(json!({ "routeArn": "y", "rawPath": "/" })), EventSource::AuthorizerHttp);
    assert_eq!(of(json!({ "raw_path": "/", "method": "GET" })), EventSource::VpcLattice);
    let lattice = json!({ "path": "/", "requestContext": { "serviceArn": "a" } });
    assert_eq!(of(lattice), EventSource::VpcLatticeV2);
    assert_eq!(of(json!("text")), EventSource::Direct);
    assert_eq!(of(json!({ "eventSource": "aws:kafka", "records": {} })), EventSource::Kafka);
    assert_eq!(of(json!({ "eventSource": "SelfManagedKafka" })), EventSource::Kafka);
    assert_eq!(of(json!({ "eventSource": "aws:mq", "messages": [] })), EventSource::ActiveMq);
    assert_eq!(of(json!({ "rmqMessagesByQueue": {} })), EventSource::RabbitMq);
    assert_eq!(of(json!({ "request": { "userAttributes": {} } })), EventSource::Cognito);
    assert_eq!(of(json!({ "Records": [{ "cf": {} }] })), EventSource::CloudFront);
    assert_eq!(of(json!({ "Records": [{ "ses": {} }] })), EventSource::Ses);
    assert_eq!(of(json!([{ "arguments": {}, "info": { "fieldName": "x" } }])), EventSource::AppSync);
    let context = json!({ "Execution": {}, "State": {}, "StateMachine": {} });
    assert_eq!(of(json!({ "a": 1, "ctx": context })), EventSource::StepFunctions);
}

#[test]
fn ordinary_words_make_no_source() {
    let of = |event| EventSource::recognize(&event);
    for event in [
        json!({ "request": { "name": "x" }, "response": {} }),
        json!({ "arguments": { "a": "b" } }),
        json!({ "topic": "news", "clientId": "c" }),
        json!({ "token": "short", "input": "x" }),
        json!({ "Execution": "x", "State": "y" }),
        json!({ "messages": [{ "data": "x" }], "records": {} }),
    ] {
        assert_eq!(of(event.clone()), EventSource::Direct, "{event}");
    }
    // An authorizer of API Gateway.
    let asked = json!({ "authorizationToken": "t", "methodArn": "arn", "requestContext": { "apiId": "x" } });
    assert_ne!(of(asked), EventSource::AppSync);
}

#[test]
fn kin_have_names_of_their_own_only() {
    for source in EventSource::ALL {
        let Some(kin) = source.reads_like() else { continue };
        assert_eq!(kin.reads_like(), None, "{} is kin of kin", source.id());
        for key in source.keys() {
            let others = EventSource::ALL.into_iter().filter(|it| it.keys().contains(key));
            let foreign: Vec<&str> =
                others.filter(|it| it.reads_like() != Some(kin)).map(EventSource::id).collect();
            assert!(foreign.is_empty(), "{key} of {} is a name of {foreign:?} as well", source.id());
        }
    }
}
