//! XML documents as small as events carry them: elements, attributes, texts, CDATA, and a prologue that is kept as it is.
//!
//! The content is an object. An element is a member with its name; its value is its text if it holds nothing else, or an object:
//! `@name` is an attribute, `#text` a text between elements, `#cdata` a CDATA section, and other members are elements. In front
//! of the root, `#prologue` holds all that comes before it, a document type with entities included.

use crate::tree::Node;

const PROLOGUE: &str = "#prologue";
const TEXT: &str = "#text";
const CDATA: &str = "#cdata";

/// How deep elements are read.
const MOST_DEPTH: usize = 200;

pub(super) fn write(content: &Node) -> String {
    let mut text = String::new();
    children(&mut text, content);
    text
}

fn children(text: &mut String, node: &Node) {
    let Node::Object(members) = node else {
        text.push_str(&escaped(&node.to_text()));
        return;
    };
    for (name, member) in members.iter().filter(|(name, _)| !name.starts_with('@')) {
        match name.as_str() {
            PROLOGUE => text.push_str(&member.to_text()),
            TEXT => text.push_str(&escaped(&member.to_text())),
            CDATA => {
                // The end of a section can only be written in two of them.
                let inner = member.to_text().replace("]]>", "]]]]><![CDATA[>");
                text.push_str(&format!("<![CDATA[{inner}]]>"));
            }
            _ => element(text, name, member),
        }
    }
}

fn element(text: &mut String, name: &str, node: &Node) {
    text.push('<');
    text.push_str(name);
    let mut is_empty = false;
    if let Node::Object(members) = node {
        for (name, value) in members {
            if let Some(name) = name.strip_prefix('@') {
                text.push_str(&format!(" {name}=\"{}\"", escaped(&value.to_text()).replace('"', "&quot;")));
            }
        }
        is_empty = members.iter().all(|(name, _)| name.starts_with('@'));
    }
    if is_empty {
        text.push_str("/>");
        return;
    }
    text.push('>');
    children(text, node);
    text.push_str(&format!("</{name}>"));
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// Whoever asks writes it again and compares: what is not understood here leaves the text closed.
pub(super) fn read(text: &str) -> Option<Node> {
    let start = root(text)?;
    let mut reader = Reader { rest: &text[start..] };
    let (name, node) = reader.element(0)?;
    if !reader.rest.is_empty() {
        return None;
    }
    let mut members = Vec::new();
    if start > 0 {
        members.push((PROLOGUE.to_owned(), Node::text(&text[..start])));
    }
    members.push((name, node));
    Some(Node::Object(members))
}

/// Where the root element begins: behind declarations, comments and the document type, whose own part is in brackets.
fn root(text: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        let rest = &text[at..];
        let skip = |end: &str| rest.find(end).map(|it| it + end.len());
        at += match rest {
            _ if rest.starts_with("<?") => skip("?>")?,
            _ if rest.starts_with("<!--") => skip("-->")?,
            _ if rest.starts_with("<!DOCTYPE") => match (rest.find('['), rest.find('>')) {
                (Some(bracket), Some(end)) if bracket < end => skip("]>")?,
                _ => skip(">")?,
            },
            _ => return rest.starts_with('<').then_some(at),
        };
    }
}

struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn takes(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Everything before `end`, which is passed over.
    fn until(&mut self, end: &str) -> Option<&'t str> {
        let (before, rest) = self.rest.split_once(end)?;
        self.rest = rest;
        Some(before)
    }

    fn name(&mut self) -> Option<&'t str> {
        let is_name = |it: char| it.is_alphanumeric() || matches!(it, '_' | '-' | '.' | ':');
        let length = self.rest.find(|it| !is_name(it))?;
        let name = &self.rest[..length];
        self.rest = &self.rest[length..];
        (!name.is_empty()).then_some(name)
    }

    fn element(&mut self, depth: usize) -> Option<(String, Node)> {
        if depth > MOST_DEPTH || !self.takes("<") {
            return None;
        }
        let name = self.name()?;
        let mut members = Vec::new();
        while self.takes(" ") {
            let attribute = self.name()?;
            if !self.takes("=\"") {
                return None;
            }
            let value = unescaped(self.until("\"")?);
            members.push((format!("@{attribute}"), Node::Text(value)));
        }
        if self.takes("/>") {
            return Some((name.to_owned(), Node::Object(members)));
        }
        if !self.takes(">") {
            return None;
        }
        loop {
            if self.takes("</") {
                let closes = self.until(">")? == name;
                if !members.is_empty() && members.iter().all(|(name, _)| name.starts_with('@')) {
                    // Told from `<a x="1"/>`.
                    members.push((TEXT.to_owned(), Node::text("")));
                }
                return closes.then(|| (name.to_owned(), element_of(members)));
            }
            if self.takes("<![CDATA[") {
                members.push((CDATA.to_owned(), Node::text(self.until("]]>")?)));
            } else if self.rest.starts_with('<') {
                members.push(self.element(depth + 1)?);
            } else {
                let length = self.rest.find('<')?;
                members.push((TEXT.to_owned(), Node::Text(unescaped(&self.rest[..length]))));
                self.rest = &self.rest[length..];
            }
        }
    }
}

/// An element with a text alone is that text; one without anything is an empty text.
fn element_of(mut members: Vec<(String, Node)>) -> Node {
    match members.as_slice() {
        [] => Node::text(""),
        [(name, _)] if name == TEXT => members.remove(0).1,
        _ => Node::Object(members),
    }
}
