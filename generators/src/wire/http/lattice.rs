//! A VPC Lattice service with a Lambda function as its target, in both structures of its event.
//!
//! Members: Amazon VPC Lattice user guide, "Lambda functions as targets", as modelled by aws/aws-lambda-rust-runtime
//! `lambda-events/src/event/vpc_lattice`: version 1 is in snake case, joins the values of a header and has the last value of
//! a query parameter; version 2 has lists of both. No capture shows what it decodes and which bodies it encodes: as the
//! load balancer of the same family does, which is the reading with which less arrives.

use serde_json::Value;

use super::{HttpRequest, Pairs, all_of, decode_path, elb, encode_path, last_of, opened, pairs_of};
use crate::{
    tree::Node,
    wire::{
        doc::{Doc, object},
        facts,
    },
};

/// Between the values of one header in version 1.
const JOINT: &str = ", ";

pub(super) fn doc_v1(request: &HttpRequest) -> Doc<'_> {
    let body = elb::body(request);
    let mut headers: Pairs<'_> = Vec::new();
    for (name, value) in headers_of(request, &body) {
        match headers.iter_mut().find(|(it, _)| *it == name) {
            Some((_, all)) => {
                let all = all.to_mut();
                all.push_str(JOINT);
                all.push_str(&value);
            }
            None => headers.push((name, value)),
        }
    }
    object! {
        "raw_path" => encode_path(&request.path),
        "method" => &request.method,
        "headers" => last_of(&headers),
        "query_string_parameters" => last_of(&elb::raw_pairs(request)),
        "body" => body.text,
        "is_base64_encoded" => body.is_base64,
    }
}

pub(super) fn doc_v2(request: &HttpRequest) -> Doc<'_> {
    let arn = |what: &str| format!("arn:aws:vpc-lattice:{}:{}:{what}", facts::REGION, facts::ACCOUNT);
    let vpc = format!("arn:aws:ec2:{}:{}:vpc/vpc-0b8276c84697e7339", facts::REGION, facts::ACCOUNT);
    let mut identity = object! { "sourceVpcArn" => vpc };
    if let Some(Value::Object(known)) = request.api.authorizer.as_ref().and_then(Node::to_value) {
        known.into_iter().for_each(|(name, it)| identity.set(name, it));
    }
    let body = elb::body(request);
    object! {
        "version" => "2.0",
        "path" => encode_path(&request.path),
        "method" => &request.method,
        "headers" => all_of(&headers_of(request, &body)),
        "queryStringParameters" => all_of(&elb::raw_pairs(request)),
        "body" => body.text,
        "isBase64Encoded" => body.is_base64,
        "requestContext" => object! {
            "serviceNetworkArn" => arn("servicenetwork/sn-0bf3f2882e9cc805a"),
            "serviceArn" => arn("service/svc-0a40eebed65f8d69c"),
            "targetGroupArn" => arn("targetgroup/tg-6d0ecf831eec9f09"),
            "identity" => identity,
            "region" => facts::REGION,
            // In microseconds, as text.
            "timeEpoch" => (facts::EPOCH_MS * 1_000).to_string(),
        },
    }
}

/// What the samples show of added headers: the address of the sender and the host.
fn headers_of<'a>(request: &'a HttpRequest, body: &elb::Body<'_>) -> Pairs<'a> {
    let mut headers = request.lower_headers(domain(request), body.length);
    headers
        .retain(|(name, _)| !matches!(&**name, "x-amzn-trace-id" | "x-forwarded-port" | "x-forwarded-proto"));
    headers
}

fn domain(request: &HttpRequest) -> String {
    let generated = || format!("handler-0a40eebed65f8d69c.7d67968.vpc-lattice-svcs.{}.on.aws", facts::REGION);
    request.api.domain.clone().unwrap_or_else(generated)
}

pub(super) fn parse_v1(event: &Value) -> Option<HttpRequest> {
    let flag = event.get("is_base64_encoded");
    parse(event, ["raw_path", "query_string_parameters"], flag)
}

pub(super) fn parse_v2(event: &Value) -> Option<HttpRequest> {
    let mut request = parse(event, ["path", "queryStringParameters"], event.get("isBase64Encoded"))?;
    let identity = event.pointer("/requestContext/identity").and_then(Value::as_object);
    let mut identity = identity.cloned().unwrap_or_default();
    identity.shift_remove("sourceVpcArn");
    request.api.authorizer = (!identity.is_empty()).then(|| Node::from(Value::Object(identity)));
    Some(request)
}

fn parse(event: &Value, [path, query]: [&str; 2], flag: Option<&Value>) -> Option<HttpRequest> {
    event.as_object()?;
    let text = |name: &str| event.get(name).and_then(Value::as_str);
    let mut request = HttpRequest::get(&decode_path(text(path).unwrap_or("/")));
    request.route = "$default".to_owned();
    request.method = text("method").unwrap_or("GET").to_owned();
    request.query = opened(elb::decode_pairs(pairs_of(event.get(query))));
    let headers = pairs_of(event.get("headers"));
    let host = headers.iter().find(|(name, _)| name == "host").map(|(_, value)| value.clone());
    request.api.domain = host.filter(|it| *it != domain(&request));
    request.take_headers(headers);
    let is_base64 = matches!(flag, Some(Value::Bool(true))) || flag.and_then(Value::as_str) == Some("true");
    request.take_body(event.get("body"), is_base64);
    Some(request)
}
