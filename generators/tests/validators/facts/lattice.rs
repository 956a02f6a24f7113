//! VPC Lattice, both structures of its event.
//!
//! Amazon VPC Lattice user guide, "Lambda functions as targets"; aws/aws-lambda-rust-runtime
//! `lambda-events/src/event/vpc_lattice` says which members there are and which of them hold lists.

use serde_json::Value;

use super::{Facts, elb, http, text};

const MEMBERS_V1: &str = "raw_path:s method:s headers:o query_string_parameters:o body:s is_base64_encoded:b";
const MEMBERS_V2: &str = "version:s path:s method:s headers:o queryStringParameters:o body:s \
    isBase64Encoded:b requestContext:o";
const CONTEXT: &str = "serviceNetworkArn:s serviceArn:s targetGroupArn:s identity:o region:s timeEpoch:s";
const IDENTITY: &str = "sourceVpcArn:s type:s? principal:s? principalOrgID:s? sessionName:s?";

pub(super) fn check_v1(event: &Value, facts: &mut Facts) {
    facts.members("the event", event, MEMBERS_V1);
    let names = ["raw_path", "query_string_parameters", "is_base64_encoded"];
    request(event, names, false, facts);
}

pub(super) fn check_v2(event: &Value, facts: &mut Facts) {
    facts.members("the event", event, MEMBERS_V2);
    facts.equal("version", &event["version"], "2.0");
    request(event, ["path", "queryStringParameters", "isBase64Encoded"], true, facts);
    let context = &event["requestContext"];
    facts.members("requestContext", context, CONTEXT);
    facts.members("identity", &context["identity"], IDENTITY);
    let micros = text(&context["timeEpoch"]);
    let fits = micros.len() == 16 && micros.bytes().all(|it| it.is_ascii_digit());
    facts.hold(fits, &format!("{micros} is no time in microseconds"));
    let region = text(&context["region"]);
    for (name, kind) in [
        ("serviceNetworkArn", "servicenetwork/sn-"),
        ("serviceArn", "service/svc-"),
        ("targetGroupArn", "targetgroup/tg-"),
    ] {
        let arn = text(&context[name]);
        let fits = arn.starts_with(&format!("arn:aws:vpc-lattice:{region}:")) && arn.contains(kind);
        facts.hold(fits, &format!("{name} is {arn}"));
    }
    let vpc = text(&context["identity"]["sourceVpcArn"]);
    facts.hold(vpc.starts_with(&format!("arn:aws:ec2:{region}:")), &format!("{vpc} is no VPC"));
}

fn request(event: &Value, names: [&str; 3], multi: bool, facts: &mut Facts) {
    let [path, query, flag] = names.map(|name| &event[name]);
    http::method(&event["method"], facts);
    http::encoded_path(text(path), facts);
    let query = elb::pairs("the query", query, multi, facts);
    let line = text(path).len() + http::encoded_query(&query, facts);
    let headers = elb::pairs("the headers", &event["headers"], multi, facts);
    // Version 1 joins the values of a header, and the first or the last may be empty.
    let joined =
        |value: &str| if multi { value.to_owned() } else { value.trim_matches([',', ' ']).to_owned() };
    let values: Vec<(String, String)> =
        headers.iter().map(|(it, value)| (it.clone(), joined(value))).collect();
    http::lower_case(&values, facts);
    let sizes: usize = headers.iter().map(|(name, value)| http::sent(name, value)).sum();
    http::sizes(sizes, "", line, facts);
    let of = |name: &str| headers.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str());
    facts.hold(of("host").is_some(), "there is no host");
    let last = of("x-forwarded-for").and_then(|it| it.rsplit(", ").next()).unwrap_or_default();
    facts.address(&Value::from(last));
    elb::body(&event["body"], flag, &headers, facts);
}
