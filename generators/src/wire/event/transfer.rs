//! Somebody who logs in to a file server, and a function that knows the users. AWS Transfer Family user guide, "Using AWS Lambda to
//! integrate your identity provider".
//!
//! The function is asked before anybody is authenticated.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::{Content, Rule, Sender, Vocabulary, as_text};
use crate::{point::Charset, tree::Node, wire::facts};

/// AWS Transfer Family API, TestIdentityProvider: `[\w][\w@.-]{2,99}`. We leave the `@` out.
const NAME_BYTES: std::ops::RangeInclusive<usize> = 3..=100;
/// The same: 1,024 characters.
const MAX_PASSWORD_BYTES: usize = 1_024;

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    vec![
        Rule::new("/username", Charset::SqsName, *NAME_BYTES.end()).texts(),
        Rule::new("/password", Charset::Query, MAX_PASSWORD_BYTES).texts(),
    ]
});

/// The source.
pub(super) struct Transfer;

impl Sender for Transfer {
    fn rules(&self, _event: &Node) -> &'static [Rule] {
        &RULES
    }

    fn accepts(&self, event: &Node) -> bool {
        let name = event.member("username").map(Node::to_text).unwrap_or_default();
        NAME_BYTES.contains(&name.len()) && !name.starts_with(['-', '.'])
    }

    fn content(&self) -> Content {
        Content::Texts
    }

    fn saying(&self, content: &Value) -> Value {
        login("ann", &as_text(content), "SFTP")
    }

    fn others(&self, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        let known = words.pairs(&[&[]]);
        let of = |name: &str, index: usize| {
            let known = known.iter().find(|(it, _)| it == name);
            known.map_or_else(|| words.word(index), |(_, value)| value.clone())
        };
        let (name, password) = (of("username", 0), of("password", 1));
        // With a key there is no password.
        vec![("password", login(&name, &password, "SFTP")), ("key", login(&name, "", "SFTP"))]
    }
}

/// A login over a protocol.
pub(super) fn login(name: &str, password: &str, protocol: &str) -> Value {
    json!({
        "username": name,
        "password": password,
        "protocol": protocol,
        "serverId": "s-0123456789abcdef0",
        "sourceIp": facts::SOURCE_IP,
    })
}
