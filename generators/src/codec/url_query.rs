//! A URL in which only the query is encoded: what is left of one that a service has decoded before the function parses it.
//!
//! Opens to `path` and `query`. A sender who wants `%24` there encodes twice.

use crate::tree::Node;

const PATH: &str = "path";
const QUERY: &str = "query";

pub(super) fn write(content: &Node) -> Vec<u8> {
    let Node::Object(members) = content else { return content.to_bytes() };
    let text = |wanted: &str| members.iter().find(|(name, _)| name == wanted).map(|(_, it)| it.to_text());
    match (text(PATH).unwrap_or_default(), text(QUERY)) {
        (path, Some(query)) => format!("{path}?{query}").into_bytes(),
        (path, None) => path.into_bytes(),
    }
}

/// `None` without a query.
pub(super) fn read(text: &str) -> Option<Node> {
    let (path, query) = text.split_once('?')?;
    let member = |name: &str, it: &str| (name.to_owned(), Node::text(it));
    Some(Node::Object(vec![member(PATH, path), member(QUERY, query)]))
}
