//! Forms: `a=1&b=two+words`.

use crate::tree::Node;

pub(super) fn write(content: &Node) -> Vec<u8> {
    let Node::Object(fields) = content else { return content.to_bytes() };
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields.iter().map(|(name, it)| (name, it.to_text())));
    form.finish().into_bytes()
}

pub(super) fn read(bytes: &[u8]) -> Option<Node> {
    if bytes.is_empty() {
        return None;
    }
    let fields = form_urlencoded::parse(bytes).into_owned();
    Some(Node::Object(fields.map(|(name, text)| (name, Node::Text(text))).collect()))
}
