//! What a client proves itself with, where the code says what it expects.

use serde_json::{Map, Value, json};

use super::Maker;
use crate::{
    codec::Codec,
    seeds::words::{benign, word},
    tree::Node,
};

/// More claims than this are no plausible token. Each is planted alone.
const MAX_CLAIMS: usize = 12;
/// Names of libraries that read tokens, and what is made of them.
const OF_TOKENS: [&str; 5] = ["jsonwebtoken", "jwt", "jwtDecode", "jwt_decode", "jwtVerify"];
/// What is used to read the parts of a token without a library.
const DECODERS: [&str; 4] = ["base64", "base64url", "b64decode", "urlsafe_b64decode"];

impl Maker<'_> {
    /// The value of the `Authorization` header. `None` if the code does not say of which kind, or compares all of it.
    pub(super) fn credentials(&self) -> Option<Node> {
        let lexicon = self.words.lexicon;
        let gated = ["authorization", "Authorization"].iter().any(|name| self.words.gate(name).is_some());
        let says = |scheme: &str| {
            let begins =
                |it: &String| it.get(..scheme.len()).is_some_and(|it| it.eq_ignore_ascii_case(scheme));
            lexicon.literals().iter().any(begins)
        };
        let mentions = |names: &[&str]| names.iter().any(|it| lexicon.mentions(it));
        if gated {
            None
        } else if says("bearer") || mentions(&OF_TOKENS) || mentions(&DECODERS) && !says("basic") {
            Some(credentials("Bearer", self.token().inside(Codec::Jwt)))
        } else if says("basic") {
            let text = format!("{}:{}", word(0), word(1));
            Some(credentials("Basic", Node::Text(text).inside(Codec::Base64)))
        } else {
            None
        }
    }

    /// A token in which nothing is proven: its claims have the names that the code knows, and it does not expire before
    /// the end of 2099.
    fn token(&self) -> Node {
        let mut claims = Map::new();
        claims.insert("sub".to_owned(), Value::from(word(0)));
        let others = |it: &&str| !it.contains('-') && !it.eq_ignore_ascii_case("authorization");
        let names = self.words.names(&[]).into_iter().filter(others).take(MAX_CLAIMS);
        for (index, name) in names.enumerate() {
            let value = self.words.gate_value(name).unwrap_or_else(|| benign(name, index + 1).into());
            claims.entry(name).or_insert(value);
        }
        claims.insert("exp".to_owned(), json!(4_102_444_799_u64));
        Node::Object(vec![
            ("header".to_owned(), Node::from(json!({ "alg": "HS256", "typ": "JWT" }))),
            ("claims".to_owned(), Node::from(Value::Object(claims))),
            ("signature".to_owned(), Node::text("c2lnbmF0dXJl")),
        ])
    }
}

fn credentials(scheme: &str, text: Node) -> Node {
    Node::Object(vec![(scheme.to_owned(), text)]).inside(Codec::HeaderList)
}
