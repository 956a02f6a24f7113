//! JSON web tokens: three texts in base64url. Nobody here can sign one: a changed token keeps its old signature.

use super::{Codec, json, simple};
use crate::tree::Node;

pub(crate) const HEADER: &str = "header";
const CLAIMS: &str = "claims";
pub(crate) const SIGNATURE: &str = "signature";

pub(super) fn write(content: &Node) -> String {
    let Node::Object(members) = content else { return content.to_text() };
    let part = |name: &str| members.iter().find(|(it, _)| it == name).map(|(_, part)| part);
    let text = |name: &str| part(name).map(Node::to_text).unwrap_or_default();
    let encoded = |name: &str| {
        let json = part(name).map(json::write).unwrap_or_default();
        String::from_utf8(simple::base64_url(json.as_bytes())).expect("base64 is ASCII")
    };
    format!("{}.{}.{}", encoded(HEADER), encoded(CLAIMS), text(SIGNATURE))
}

pub(super) fn read(text: &str) -> Option<Node> {
    let mut parts = text.split('.');
    let (header, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let object = |part: &str| {
        let json = String::from_utf8(simple::from_base64_url(part.as_bytes())?).ok()?;
        let node = Codec::Json.decode(json.as_bytes())?;
        matches!(node, Node::Object(_)).then_some(node)
    };
    Some(Node::Object(vec![
        (HEADER.to_owned(), object(header)?),
        (CLAIMS.to_owned(), object(claims)?),
        (SIGNATURE.to_owned(), Node::text(signature)),
    ]))
}
