//! A device that wants to connect, and a custom authorizer that is asked about it. AWS IoT Core developer guide, "Creating and
//! managing custom authorizers", "Defining your Lambda function".
//!
//! All of it comes before anybody is authenticated. Where a token has to be signed, AWS refuses others without asking.

use std::sync::LazyLock;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};

use super::{Content, Rule, Sender, Vocabulary, as_text};
use crate::{
    point::Charset,
    tree::{Node, Path},
    wire::{doc::Doc, facts},
};

/// Far below what MQTT allows (65,535 bytes, MQTT 3.1.1, 1.5.3); a limit of AWS's is not documented.
const MAX_TEXT_BYTES: usize = 2_048;
/// AWS IoT Core quotas: a client id has 128 bytes.
const MAX_CLIENT_BYTES: usize = 128;

static UNSIGNED: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let mut rules = vec![Rule::new("/token", Charset::HeaderText, MAX_TEXT_BYTES).texts()];
    rules.extend(connection());
    rules
});

/// Who signs tokens is who says what is in them.
static SIGNED: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let mut rules = vec![Rule::new("/token", Charset::HeaderText, MAX_TEXT_BYTES).texts().conditional()];
    rules.extend(connection());
    rules
});

fn connection() -> Vec<Rule> {
    let inside =
        |place: &str, charset, bytes| Rule::new(&format!("/protocolData{place}"), charset, bytes).texts();
    vec![
        // MQTT 3.1.1, 1.5.3: no NUL in texts.
        inside("/mqtt/username", Charset::Query, MAX_TEXT_BYTES),
        Rule::new("/protocolData/mqtt/password»base64", Charset::Any, MAX_TEXT_BYTES),
        inside("/mqtt/clientId", Charset::Path, MAX_CLIENT_BYTES),
        // Behind the question mark, as the client has written it.
        inside("/http/queryString", Charset::Uri, MAX_TEXT_BYTES),
        inside("/http/headers/*", Charset::HeaderValue, MAX_TEXT_BYTES).header(),
    ]
}

/// The source.
pub(super) struct IotAuthorizer;

impl Sender for IotAuthorizer {
    fn rules(&self, event: &Node) -> &'static [Rule] {
        match event.member("signatureVerified") {
            Some(Node::Bool(true)) => &SIGNED,
            _ => &UNSIGNED,
        }
    }

    /// What is about the connection itself.
    fn sets(&self, _event: &Node, path: &Path) -> bool {
        let of_connection = ["Host", "Connection", "Upgrade", "Content-Length"];
        of_connection.iter().any(|it| path.is_in(&["protocolData", "http", "headers", it]))
    }

    fn content(&self) -> Content {
        Content::Texts
    }

    fn saying(&self, content: &Value) -> Value {
        mqtt(None, "client-1", "user", as_text(content).as_bytes())
    }

    fn others(&self, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        let known = words.pairs(&[&[], &["protocolData", "mqtt"]]);
        let of = |name: &str, index: usize| {
            let known = known.iter().find(|(it, _)| it == name);
            known.map_or_else(|| words.word(index), |(_, value)| value.clone())
        };
        let mut headers = words.pairs(&[&["protocolData", "http", "headers"]]);
        headers.retain(|(name, it)| {
            Charset::HeaderName.refused(name).is_none() && Charset::HeaderValue.refused(it).is_none()
        });
        let (token, user, client) = (of("token", 0), of("username", 1), of("clientId", 3));
        let password = words.word(2);
        vec![
            ("mqtt", mqtt(None, &client, &user, password.as_bytes())),
            ("mqtt-token", mqtt(Some((&token, false)), &client, &user, password.as_bytes())),
            ("http", http(&token, &headers)),
            ("mqtt-signed", mqtt(Some((&token, true)), &client, &user, password.as_bytes())),
        ]
    }

    fn said(&self, event: &mut Value) {
        if let Some(Value::String(query)) = event.pointer_mut("/protocolData/http/queryString")
            && let Some(rest) = query.strip_prefix('?')
        {
            *query = rest.to_owned();
        }
    }

    fn delivered<'n>(&self, _said: &'n Node, event: &mut Doc<'n>) {
        if let Some(Doc::Text(query)) = event.pointer_mut("/protocolData/http/queryString") {
            query.to_mut().insert(0, '?');
        }
    }
}

/// A device that speaks MQTT; its token, and whether that is signed.
pub(super) fn mqtt(token: Option<(&str, bool)>, client: &str, user: &str, password: &[u8]) -> Value {
    let mut event = json!({
        "signatureVerified": token.is_some_and(|(_, is_signed)| is_signed),
        "protocols": ["tls", "mqtt"],
        "protocolData": {
            "tls": { "serverName": server() },
            "mqtt": {
                "username": user,
                "password": BASE64_STANDARD.encode(password),
                "clientId": client,
            },
        },
        "connectionMetadata": { "id": facts::uuid("iot connection", 0) },
    });
    if let Some((token, _)) = token {
        event["token"] = token.into();
    }
    event
}

/// A device that publishes over HTTP.
pub(super) fn http(token: &str, headers: &[(String, String)]) -> Value {
    let mut all = Map::from_iter([("Host".to_owned(), Value::from(server()))]);
    all.extend(headers.iter().map(|(name, it)| (name.clone(), Value::from(it.as_str()))));
    json!({
        "token": token,
        "signatureVerified": false,
        "protocols": ["tls", "http"],
        "protocolData": {
            "tls": { "serverName": server() },
            "http": { "headers": all, "queryString": "?kind=device" },
        },
        "connectionMetadata": { "id": facts::uuid("iot connection", 0) },
    })
}

fn server() -> String {
    format!("a1b2c3d4e5f6g7-ats.iot.{}.amazonaws.com", facts::REGION)
}
