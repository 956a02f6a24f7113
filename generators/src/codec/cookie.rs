//! Cookies as a client sends them: `session=abc; theme=dark` (RFC 6265, 4.2.1).

use crate::tree::Node;

pub(super) fn write(content: &Node) -> String {
    let Node::Object(cookies) = content else { return content.to_text() };
    let pairs: Vec<String> = cookies.iter().map(|(name, it)| format!("{name}={}", it.to_text())).collect();
    pairs.join("; ")
}

pub(super) fn read(text: &str) -> Option<Node> {
    let pair = |it: &str| {
        let (name, value) = it.split_once('=')?;
        Some((name.to_owned(), Node::text(value)))
    };
    text.split("; ").map(pair).collect::<Option<_>>().map(Node::Object)
}
