//! A Lambda authorizer that gets one header. Amazon API Gateway developer guide, "Input to an API Gateway Lambda authorizer":
//! the token is whatever the client wrote; without one API Gateway refuses without asking.

use std::sync::LazyLock;

use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{Rule, Sender, Vocabulary};
use crate::{point::Charset, tree::Node, wire::facts};

/// The same guide, quotas: request line and headers 10,240 bytes in all.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

static RULES: LazyLock<Vec<Rule>> =
    LazyLock::new(|| vec![Rule::new("/authorizationToken", Charset::HeaderText, MAX_TOKEN_BYTES).header()]);

/// The source.
pub(super) struct AuthorizerToken;

impl Sender for AuthorizerToken {
    fn rules(&self, _event: &Node) -> &'static [Rule] {
        &RULES
    }

    fn saying(&self, content: &Value) -> Value {
        match content {
            Value::String(text) => asking(text),
            claims => asking(&token(claims)),
        }
    }

    fn others(&self, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        // What the code compares the token with, or a word.
        let known = words.pairs(&[&[]]).into_iter().find(|(name, _)| name == "authorizationToken");
        let word = known.map_or_else(|| words.word(0), |(_, value)| value);
        let login = BASE64_STANDARD.encode(format!("{}:{}", words.word(0), words.word(1)));
        let claims = json!({ "sub": words.word(0), "iss": "https://issuer.example.com/" });
        vec![
            ("text", asking(&word)),
            ("bearer", asking(&format!("Bearer {}", token(&claims)))),
            ("bearer-text", asking(&format!("Bearer {word}"))),
            ("basic", asking(&format!("Basic {login}"))),
        ]
    }

    fn bare(&self, words: &dyn Vocabulary) -> Value {
        asking(&words.word(0))
    }
}

/// A JSON Web Token with these claims. Whoever verifies it refuses it.
fn token(claims: &Value) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let header = json!({ "alg": "HS256", "typ": "JWT" });
    format!("{}.{}.c2lnbmF0dXJl", part(&header), part(claims))
}

fn asking(token: &str) -> Value {
    let arn = format!("arn:aws:execute-api:{}:{}:k3vq81zt0m/prod/GET/orders", facts::REGION, facts::ACCOUNT);
    json!({ "type": "TOKEN", "methodArn": arn, "authorizationToken": token })
}
