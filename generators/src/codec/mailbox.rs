//! Addresses in mail headers: `"Ann, Lee" <ann@example.com>` (RFC 5322, 3.4).
//!
//! An object of `name`, if there is one, `local` and `domain`.

use crate::tree::Node;

pub(super) fn write(content: &Node) -> String {
    let Node::Object(members) = content else { return content.to_text() };
    let member = |name: &str| members.iter().find(|(it, _)| it == name).map(|(_, it)| it.to_text());
    let address = format!("{}@{}", member("local").unwrap_or_default(), member("domain").unwrap_or_default());
    match member("name") {
        Some(name) => format!("{} <{address}>", phrase(&name)),
        None => address,
    }
}

/// RFC 5322, 3.2.3: words of letters, digits and these need no quotes.
pub(crate) fn is_atom_char(it: char) -> bool {
    it.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(it)
}

/// The display name: as it is if words of atoms make it up, else as a quoted string.
fn phrase(name: &str) -> String {
    let is_word = |word: &str| !word.is_empty() && word.chars().all(is_atom_char);
    if name.split(' ').all(is_word) {
        return name.to_owned();
    }
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

/// `None` for what is more than one address, and for what we would write differently.
pub(super) fn read(text: &str) -> Option<Node> {
    let (name, address) = match text.strip_suffix('>') {
        Some(rest) => {
            let (before, address) = rest.rsplit_once('<')?;
            (before.strip_suffix(' ').map(unquoted), address)
        }
        None => (None, text),
    };
    let (local, domain) = address.rsplit_once('@')?;
    let member = |name: &str, it: &str| (name.to_owned(), Node::text(it));
    let mut members: Vec<(String, Node)> = name.iter().map(|it| member("name", it)).collect();
    members.extend([member("local", local), member("domain", domain)]);
    let content = Node::Object(members);
    (write(&content) == text).then_some(content)
}

fn unquoted(phrase: &str) -> String {
    let Some(inner) = phrase.strip_prefix('"').and_then(|it| it.strip_suffix('"')) else {
        return phrase.to_owned();
    };
    let mut text = String::new();
    let mut rest = inner.chars();
    while let Some(it) = rest.next() {
        text.push(if it == '\\' { rest.next().unwrap_or(it) } else { it });
    }
    text
}
