//! What authorizers hand on in seed requests, and what they are asked themselves.

use serde_json::{Map, Value, json};

use super::Maker;
use crate::{
    case::Seed, codec::open_header, seeds::words::word, source::EventSource, tree::Node,
    wire::http::HttpRequest,
};

/// Packages that check data against a schema, and what those are called that come with schemas of AWS's events.
#[rustfmt::skip]
const VALIDATORS: [&str; 17] = [
    "pydantic", "event_parser", "parser", "jsonschema", "fastjsonschema", "marshmallow", "cerberus", "voluptuous",
    "zod", "joi", "ajv", "yup", "superstruct", "valibot", "io-ts", "@aws-lambda-powertools/parser",
    "@middy/validator",
];

impl Maker<'_> {
    /// What an authorizer hands on, in the shape that this kind of API has for it: code that was
    /// written for one kind reads members that no event of the other has.
    ///
    /// Amazon API Gateway developer guide, "Input format of a Lambda function for proxy
    /// integration" and "Create AWS Lambda proxy integrations for HTTP APIs".
    pub(super) fn authorizer(&self) -> Option<Value> {
        match self.source {
            EventSource::VpcLatticeV2 => {
                return self.copied(&["requestContext", "identity"]).map(|it| signed(&it));
            }
            EventSource::Alb | EventSource::AlbMulti | EventSource::VpcLattice => return None,
            _ => {}
        }
        let read = self.copied(&["requestContext", "authorizer"])?;
        let texts = |value: Option<&Value>| -> Map<String, Value> {
            let members = value.and_then(Value::as_object).into_iter().flatten();
            members.filter(|(_, it)| it.is_string()).map(|(name, it)| (name.clone(), it.clone())).collect()
        };
        if self.source == EventSource::FunctionUrl {
            return read.get("iam").map(|_| iam());
        }
        if self.source == EventSource::ApiGatewayHttp {
            return match (read.get("jwt"), read.get("lambda")) {
                (Some(jwt), _) => {
                    Some(json!({ "jwt": { "claims": texts(jwt.get("claims")), "scopes": null } }))
                }
                (None, Some(context)) => Some(json!({ "lambda": texts(Some(context)) })),
                (None, None) => None,
            };
        }
        // A WebSocket API knows no user pools.
        if let Some(claims) = read.get("claims").filter(|_| self.source != EventSource::WebSocket) {
            return Some(json!({ "claims": texts(Some(claims)) }));
        }
        let mut context = texts(Some(&read));
        for other in ["jwt", "lambda", "iam"] {
            context.remove(other);
        }
        if context.is_empty() {
            return None;
        }
        context.entry("principalId").or_insert_with(|| Value::from("user"));
        context.insert("integrationLatency".to_owned(), json!(42));
        Some(Value::Object(context))
    }

    /// A client that an authorizer knows, for code that checks the whole event against a schema and reads nothing of it. A token
    /// without scopes, as the developer guide's payload format 2.0 shows it where a route asks for none.
    pub(super) fn known_client(&self) -> Option<Seed> {
        let checks = VALIDATORS.iter().any(|it| self.words.lexicon.imports(it));
        if !checks || self.authorizer().is_some() {
            return None;
        }
        let claims = json!({ "sub": word(0) });
        let known = match self.source {
            EventSource::ApiGatewayHttp => json!({ "jwt": { "claims": claims, "scopes": null } }),
            EventSource::ApiGatewayRest => json!({ "claims": claims }),
            EventSource::FunctionUrl => iam(),
            _ => return None,
        };
        let mut request = self.request("GET", 0);
        request.query = self.query();
        request.api.authorizer = Some(Node::from(known));
        Some(self.seed("known-client", request))
    }

    /// What an authorizer is asked about: no body, and a token where it is looked for.
    pub(super) fn identify(&self, request: &mut HttpRequest) {
        request.body = None;
        request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        request.api.authorizer = None;
        if request.header("authorization").is_none() {
            let token = self.words.gate("authorization").or_else(|| self.words.gate("Authorization"));
            let (name, word) = self.header("Authorization", &format!("Bearer {}", word(0)));
            let token = token.map(open_header).or_else(|| self.credentials());
            request.headers.push((name, token.unwrap_or_else(|| open_header(word.to_text()))));
        }
        // An HTTP API shows what it looked for.
        if self.source == EventSource::AuthorizerHttp {
            request.api.identity_source = vec!["authorization".to_owned()];
        }
    }
}

/// A caller with IAM credentials. AWS Lambda developer guide, "Invoking Lambda function URLs".
fn iam() -> Value {
    json!({ "iam": {
        "accessKey": "AKIAIOSFODNN7EXAMPLE",
        "accountId": "123456789012",
        "callerId": "AIDACKCEVSQ6C2EXAMPLE",
        "cognitoIdentity": null,
        "principalOrgId": null,
        "userArn": "arn:aws:iam::123456789012:user/example",
        "userId": "AIDACKCEVSQ6C2EXAMPLE",
    } })
}

/// A caller that VPC Lattice knows, if the code wants to know it.
fn signed(read: &Value) -> Value {
    let session = read.get("sessionName").cloned().unwrap_or_else(|| json!("session"));
    json!({
        "type": "AWS_IAM",
        "principal": "arn:aws:sts::123456789012:assumed-role/example/session",
        "principalOrgID": "o-50dc6c495c0c9188",
        "sessionName": session,
    })
}
