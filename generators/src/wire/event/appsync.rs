//! Requests to a GraphQL API: direct Lambda resolvers, one by one and in batches, resolvers of Amplify, the authorizer, and the
//! handlers of AppSync Events. AWS AppSync developer guide, "Resolver mapping template context reference", "Direct Lambda
//! resolvers", "AWS_LAMBDA authorization", and "Lambda function handlers" of AppSync Events.
//!
//! The schema of the API decides what is in `arguments`, so texts stay texts there, and no member comes or goes. A text may hold
//! JSON (`AWSJSON`), and is opened.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::{Rule, Sender, Vocabulary, as_text};
use crate::{
    point::{Charset, Path, Step},
    tree::Node,
    wire::{MAX_EVENT_BYTES, facts},
};

/// As for all of API Gateway's and CloudFront's requests.
const MAX_HEADER_BYTES: usize = 8_192;
/// AWS AppSync endpoints and quotas: 240 KB for an event that is published.
const MAX_PUBLISHED_BYTES: usize = 240 * 1024;

static ONE: LazyLock<Vec<Rule>> = LazyLock::new(|| resolver(""));
static BATCH: LazyLock<Vec<Rule>> = LazyLock::new(|| resolver("/*"));

fn headers(place: &str) -> Rule {
    Rule::new(place, Charset::HeaderValue, MAX_HEADER_BYTES).texts().header()
}

fn resolver(at: &str) -> Vec<Rule> {
    let texts = |place: &str| Rule::new(&format!("{at}{place}"), Charset::Any, MAX_EVENT_BYTES).texts();
    vec![
        texts("/arguments/**"),
        headers(&format!("{at}/request/headers/*")),
        // What a user pool or an authorizer copied, what other resolvers returned.
        // As Cognito takes it at sign-up.
        Rule::new(&format!("{at}/identity/username"), Charset::UserName, 128).texts().conditional(),
        texts("/identity/claims/*").conditional(),
        texts("/identity/resolverContext/**").conditional(),
        texts("/source/**").conditional(),
        texts("/prev/result/**").conditional(),
        texts("/stash/**").conditional(),
    ]
}

static AUTHORIZER: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    vec![
        headers("/authorizationToken"),
        Rule::new("/requestContext/variables/**", Charset::Any, MAX_EVENT_BYTES).texts(),
        headers("/requestHeaders/*"),
    ]
});

/// A client that subscribes says nothing but which channel, whose names are letters, digits and dashes.
static SUBSCRIBED: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    vec![
        headers("/request/headers/*"),
        Rule::new("/identity/claims/*", Charset::Any, MAX_EVENT_BYTES).texts().conditional(),
    ]
});

static PUBLISHED: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    vec![
        Rule::new("/events/*/payload/**", Charset::Any, MAX_PUBLISHED_BYTES),
        headers("/request/headers/*"),
        Rule::new("/identity/claims/*", Charset::Any, MAX_EVENT_BYTES).texts().conditional(),
    ]
});

/// The source.
pub(super) struct AppSync;

impl Sender for AppSync {
    fn rules(&self, event: &Node) -> &'static [Rule] {
        match event {
            Node::Array(_) => &BATCH,
            _ if event.member("authorizationToken").is_some() => &AUTHORIZER,
            _ if event.at(&["events", "0"]).is_some() => &PUBLISHED,
            _ if event.at(&["info", "channel"]).is_some() => &SUBSCRIBED,
            _ => &ONE,
        }
    }

    fn sets(&self, event: &Node, path: &Path) -> bool {
        // The user name of a role is its id and the name of a session.
        if let [identity @ .., Step::Member { name, .. }] = path.0.as_slice()
            && name == "username"
            && event.get(&Path(identity.to_vec()).member("userArn")).is_some()
        {
            return true;
        }
        let mut names = path.0.iter().filter_map(|step| match step {
            Step::Member { name, .. } => Some(name.as_str()),
            Step::Element(_) | Step::Open(_) => None,
        });
        let first = names.next();
        let header = match first {
            Some("request") if names.next() == Some("headers") => names.next(),
            Some("requestHeaders") => names.next(),
            Some("identity") if names.next() == Some("claims") => {
                return names.next().is_some_and(is_set_claim);
            }
            _ => None,
        };
        header.is_some_and(is_set_header)
    }

    fn accepts(&self, event: &Node) -> bool {
        let Some(Node::Array(events)) = event.member("events") else { return true };
        events.iter().all(|it| it.member("payload").is_none_or(|it| it.fits(MAX_PUBLISHED_BYTES)))
    }

    fn reads(&self) -> &'static [&'static [&'static str]] {
        &[&["arguments"]]
    }

    fn saying(&self, content: &Value) -> Value {
        Context { arguments: arguments(content), ..Context::default() }.event()
    }

    fn called(&self, _event: &Value) -> &'static [&'static str] {
        &[
            "/info/fieldName",
            "/info/parentTypeName",
            "/fieldName",
            "/typeName",
            "/0/info/fieldName",
            "/0/info/parentTypeName",
            "/1/info/fieldName",
            "/1/info/parentTypeName",
        ]
    }

    fn others(&self, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        let pairs = |places: &[&[&str]], otherwise: &str| {
            let mut pairs = words.pairs(places);
            if pairs.is_empty() {
                pairs.push((otherwise.to_owned(), words.word(0)));
            }
            let members = pairs.into_iter().map(|(name, it)| (name, Value::from(it)));
            members.collect::<Map<String, Value>>()
        };
        let object = |place: &[&str], otherwise: &str| match words.object(place) {
            Some(Value::Object(members)) => members,
            _ => pairs(&[], otherwise),
        };
        let mut headers = pairs(&[&["request", "headers"], &["requestHeaders"]], "x-tenant");
        headers.retain(|name, _| !is_set_header(&name.to_ascii_lowercase()));
        let context = Context {
            arguments: object(&["arguments"], "id"),
            headers: headers.clone(),
            claims: pairs(&[&["identity", "claims"]], "name"),
            source: object(&["source"], "id").into(),
            stash: object(&["stash"], "kind"),
        };
        let published = object(&["events", "payload"], "kind");
        let others = [
            ("context", context.event()),
            ("amplify", context.amplify()),
            ("batch", json!([context.event_of_role(), context.event_of_role()])),
            (
                "authorizer",
                authorizer(&words.word(0), object(&["requestContext", "variables"], "id"), &headers),
            ),
            ("published", context.published(published)),
            ("subscribed", context.subscribed()),
        ];
        let mut others: Vec<(&'static str, Value)> = others.into();
        // Of the rarer ones, those that the code asks for come first.
        let asked = |name: &str| match name {
            "amplify" => words.mentions("fieldName") && words.mentions("typeName"),
            "authorizer" => words.mentions("authorizationToken") || words.mentions("isAuthorized"),
            "published" | "subscribed" => words.mentions("channel") || words.mentions("channelNamespace"),
            _ => false,
        };
        others.sort_by_key(|(name, _)| !asked(name));
        others
    }

    fn bare(&self, _words: &dyn Vocabulary) -> Value {
        Context::default().event()
    }
}

/// What CloudFront and the load balancers before AppSync write, and what the client's HTTP layer does.
fn is_set_header(name: &str) -> bool {
    let forwarded = ["x-forwarded-", "cloudfront-", "x-amz-", "x-amzn-"];
    matches!(name, "host" | "via" | "content-length" | "content-type" | "accept-encoding")
        || forwarded.iter().any(|it| name.starts_with(it))
}

/// RFC 7519, 4.1, and what a user pool says of itself.
fn is_set_claim(name: &str) -> bool {
    matches!(
        name,
        "sub" | "iss" | "aud" | "exp" | "nbf" | "iat" | "jti" | "auth_time" | "event_id" | "token_use"
    ) || name == "email_verified"
}

/// Which shape of AppSync's `event` is, if any.
pub(crate) fn is_appsync(event: &Value) -> bool {
    let event = match event {
        Value::Array(elements) => elements.first().unwrap_or(event),
        other => other,
    };
    let has = |pointer: &str| event.pointer(pointer).is_some();
    let is_resolver = has("/arguments") && (has("/info/fieldName") || has("/fieldName"));
    let is_authorizer = has("/authorizationToken") && has("/requestContext/apiId") && !has("/methodArn");
    is_resolver || is_authorizer || has("/info/channel") && has("/info/channelNamespace")
}

fn arguments(content: &Value) -> Map<String, Value> {
    match content {
        Value::Object(members) => members.clone(),
        other => Map::from_iter([("input".to_owned(), Value::from(as_text(other)))]),
    }
}

/// What a resolver is told.
#[derive(Clone, Default)]
pub(super) struct Context {
    pub(super) arguments: Map<String, Value>,
    pub(super) headers: Map<String, Value>,
    pub(super) claims: Map<String, Value>,
    /// The object whose field is resolved; null at the root.
    pub(super) source: Value,
    pub(super) stash: Map<String, Value>,
}

impl Context {
    fn identity(&self) -> Value {
        let issuer = format!("https://cognito-idp.{0}.amazonaws.com/{0}_AbCdEfGhI", facts::REGION);
        let sub = facts::uuid("cognito user", 0);
        let mut claims = self.claims.clone();
        claims.insert("sub".to_owned(), json!(sub));
        claims.insert("iss".to_owned(), json!(issuer));
        claims.insert("token_use".to_owned(), json!("access"));
        json!({
            "claims": claims,
            "defaultAuthStrategy": "ALLOW",
            "groups": null,
            "issuer": issuer,
            "sourceIp": [facts::SOURCE_IP],
            "sub": sub,
            "username": "ann",
        })
    }

    fn request(&self) -> Value {
        let mut headers = Map::new();
        let mut put = |name: &str, value: &str| drop(headers.insert(name.to_owned(), json!(value)));
        put("x-forwarded-for", &format!("{}, 198.51.100.7", facts::SOURCE_IP));
        put("host", &format!("example1234567890000.appsync-api.{}.amazonaws.com", facts::REGION));
        put("content-type", "application/json");
        put("user-agent", "curl/8.5.0");
        for (name, value) in &self.headers {
            headers.insert(name.to_ascii_lowercase(), value.clone());
        }
        json!({ "headers": headers, "domainName": null })
    }

    /// As a direct Lambda resolver gets it.
    pub(super) fn event(&self) -> Value {
        json!({
            "arguments": self.arguments,
            "identity": self.identity(),
            "source": self.source,
            "request": self.request(),
            "prev": null,
            "info": {
                "selectionSetList": ["id"],
                "selectionSetGraphQL": "{\n  id\n}",
                "fieldName": "order",
                "parentTypeName": if self.source.is_null() { "Query" } else { "Order" },
                // The arguments are written in the query itself.
                "variables": {},
            },
            "stash": self.stash,
        })
    }

    /// The same for a caller that IAM knows.
    pub(super) fn event_of_role(&self) -> Value {
        let mut event = self.event();
        let session = format!("arn:aws:sts::{}:assumed-role/app/ann", facts::ACCOUNT);
        event["identity"] = json!({
            "accountId": facts::ACCOUNT,
            "cognitoIdentityAuthProvider": null,
            "cognitoIdentityAuthType": null,
            "cognitoIdentityId": null,
            "cognitoIdentityPoolId": null,
            "sourceIp": [facts::SOURCE_IP],
            "userArn": session,
            "username": format!("{}:ann", facts::token("role", 0, 21)),
        });
        event
    }

    /// As Amplify's templates for `@function` pass it on.
    fn amplify(&self) -> Value {
        json!({
            "typeName": if self.source.is_null() { "Query" } else { "Order" },
            "fieldName": "order",
            "arguments": self.arguments,
            "identity": self.identity(),
            "source": self.source,
            "request": self.request(),
            "prev": null,
        })
    }

    /// A client that wants to hear of a channel. `AppSyncEventsSubscribeEvent` of Powertools for AWS Lambda (TypeScript).
    pub(super) fn subscribed(&self) -> Value {
        let mut event = self.published(Map::new());
        event["info"]["operation"] = "SUBSCRIBE".into();
        event["events"] = Value::Null;
        event
    }

    /// Events that are published to a channel.
    pub(super) fn published(&self, payload: Map<String, Value>) -> Value {
        json!({
            "identity": self.identity(),
            "result": null,
            "request": self.request(),
            "info": {
                "channel": { "path": "/default/orders", "segments": ["default", "orders"] },
                "channelNamespace": { "name": "default" },
                "operation": "PUBLISH",
            },
            "error": null,
            "prev": null,
            "stash": {},
            "outErrors": [],
            "events": [{ "payload": payload, "id": facts::uuid("appsync event", 0) }],
        })
    }
}

/// The request that an authorizer is asked about.
pub(super) fn authorizer(token: &str, variables: Map<String, Value>, headers: &Map<String, Value>) -> Value {
    let mut all = Map::new();
    all.insert(
        "host".to_owned(),
        json!(format!("example1234567890000.appsync-api.{}.amazonaws.com", facts::REGION)),
    );
    all.insert("user-agent".to_owned(), json!("curl/8.5.0"));
    all.extend(headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())));
    json!({
        "authorizationToken": token,
        "requestContext": {
            "apiId": "aaaaaa123123123example123",
            "accountId": facts::ACCOUNT,
            "requestId": facts::uuid("appsync request", 0),
            "queryString": "query order($id: ID!) { order(id: $id) { id } }",
            "operationName": "order",
            "variables": variables,
        },
        "requestHeaders": all,
    })
}
