//! What senders have in common: lists of pairs, and trees that hold what a text has in it.

use crate::{
    codec::{Codec, header_list, jwt},
    point::{Charset, Path, Role},
    tree::{Node, Step},
};

/// The value of a pair of which only the name matters.
pub(crate) const FILLER: &str = "1";

/// The path of a point in an event: where the tree is, then the place inside it.
pub(crate) fn below(tree: &str, inside: &Path) -> String {
    let inside = inside.to_string();
    match inside.strip_prefix('»') {
        Some(rest) if tree.ends_with('»') => format!("{tree}{rest}"),
        // The last mark says only that the text behind it is the point.
        _ => format!("{tree}{inside}"),
    }
}

/// The outermost object whose names a sender chooses. Of a token that are the claims: nobody reads other names of its header.
pub(crate) fn named_object(node: &Node) -> Option<Path> {
    let is_header = |path: &Path| matches!(path.0.as_slice(), [.., Step::Open(Codec::Jwt), Step::Member { name, .. }] if name == jwt::HEADER);
    node.objects().into_iter().find(|path| is_named(path) && !is_header(path))
}

/// Whether the names of an object at `path` are written in a way that can hold any name.
pub(crate) fn is_named(path: &Path) -> bool {
    // A token has three parts, and no other.
    if matches!(path.0.last(), Some(Step::Open(Codec::Jwt))) {
        return false;
    }
    let codec = path.0.iter().rev().find_map(|step| match step {
        Step::Open(codec) => Some(*codec),
        Step::Member { .. } | Step::Element(_) => None,
    });
    matches!(codec, None | Some(Codec::Json | Codec::Form | Codec::Jwt))
}

/// The places in a text that a sender writes, from the inside out: what texts hold, and each text as a whole.
pub(crate) fn places(node: &Node) -> Vec<Path> {
    let (mut leaves, mut texts) = (Vec::new(), Vec::new());
    node.walk(&Path::root(), &mut |path, part| match role_of(part, path) {
        Some(Role::Data) => leaves.push(path.clone()),
        Some(Role::Routing) => texts.push(path.clone()),
        None => {}
    });
    leaves.extend(texts.into_iter().rev());
    leaves
}

/// What a text at `path` in `node` does to the rest. `None` if no text can be put there.
pub(crate) fn role_at(node: &Node, path: &Path) -> Option<Role> {
    role_of(node.get(path)?, path)
}

/// A text that holds something can be replaced as a whole, but not together with what it holds.
fn role_of(part: &Node, path: &Path) -> Option<Role> {
    match part {
        Node::Opened(_, content) if content.leaves().is_empty() => Some(Role::Data),
        Node::Opened(..) => Some(Role::Routing),
        Node::Bytes(_) if !path.is_root() => None,
        Node::Array(_) | Node::Object(_) => None,
        _ => Some(Role::Data),
    }
}

/// Puts a text at `path` in `node`.
pub(crate) fn set_text(node: &mut Node, path: &Path, text: &str) -> bool {
    match node.get_mut(path) {
        Some(Node::Array(_) | Node::Object(_)) | None => false,
        Some(part) => {
            *part = Node::text(text);
            true
        }
    }
}

/// The text at `path` in `node`.
pub(crate) fn text_at(node: &Node, path: &Path) -> Option<String> {
    let part = node.get(path)?;
    (!matches!(part, Node::Array(_) | Node::Object(_))).then(|| part.to_text())
}

/// A part of a tree as a text: what is no text by itself is written as JSON.
pub(crate) fn as_text(node: &Node) -> Node {
    match node {
        Node::Text(_) | Node::Bytes(_) | Node::Opened(..) => node.clone(),
        _ => Node::json(node.clone()),
    }
}

/// Whether the lists in headers that `path` goes through are still those lists to whoever reads them: a comma in an element
/// makes two of it.
pub(crate) fn keeps_lists(node: &Node, path: &Path) -> bool {
    let is_list = |step: &Step| matches!(step, Step::Open(Codec::HeaderList | Codec::HeaderListTight));
    let lists = path.0.iter().enumerate().filter(|(_, step)| is_list(step));
    lists.map(|(depth, _)| Path(path.0[..depth].to_vec())).all(|at| match node.get(&at) {
        Some(Node::Opened(codec, content)) => {
            codec.decode(&codec.encode(content)).is_some_and(|again| shape(&again) == shape(content))
        }
        _ => false,
    })
}

/// The names of each element's members.
fn shape(list: &Node) -> Vec<Vec<&str>> {
    match list {
        Node::Array(elements) => elements.iter().flat_map(shape).collect(),
        Node::Object(members) => vec![members.iter().map(|(name, _)| name.as_str()).collect()],
        _ => vec![Vec::new()],
    }
}

/// A text with nothing but a leaf at `path`.
pub(crate) fn made(path: &Path, text: &str) -> Option<Node> {
    let mut node = Node::Null;
    node.insert(path, Node::text(text)).then(|| as_text(&node))
}

/// Which characters survive at `path` in a tree whose text is bound to `outer`.
pub(crate) fn charset(outer: Charset, path: &Path) -> Charset {
    path.0.iter().enumerate().fold(outer, |charset, (index, step)| match step {
        Step::Open(Codec::Jwt) if is_signature(path.0.get(index + 1)) => Charset::Base64Url,
        Step::Open(
            Codec::Base64
            | Codec::Base64Url
            | Codec::Percent
            | Codec::Gzip
            | Codec::Form
            | Codec::Multipart
            | Codec::Jwt
            | Codec::UrlPath
            | Codec::SignedBytes
            | Codec::S3Key,
        ) => Charset::Any,
        // XML has no escape for the characters of a header that it is in.
        Step::Open(Codec::Xml)
            if matches!(charset, Charset::HeaderValue | Charset::HeaderText | Charset::CookieValue) =>
        {
            charset
        }
        // XML 1.0, 2.2: the same characters that SQS takes.
        Step::Open(Codec::Xml) => Charset::SqsText,
        Step::Open(Codec::Cookie) => Charset::CookieValue,
        Step::Open(Codec::HeaderList | Codec::HeaderListTight) => match &path.0[index + 1..] {
            [] => Charset::HeaderValue,
            [Step::Element(_)] | [Step::Element(_), Step::Open(_), ..] => Charset::ListElement,
            [Step::Element(_), Step::Member { name, nth: 0 }, ..] | [Step::Member { name, nth: 0 }, ..]
                if name == header_list::VALUE =>
            {
                Charset::ListElement
            }
            _ => Charset::HeaderValue,
        },
        Step::Open(Codec::Json | Codec::Mailbox | Codec::UrlQuery)
        | Step::Member { .. }
        | Step::Element(_) => charset,
    })
}

/// Makes the name of a form field longer. Names elsewhere are no notation for values in values.
pub(crate) fn extend_name(tree: &mut Node, path: &Path, suffix: &str) -> bool {
    let [parents @ .., Step::Member { name, nth }] = path.0.as_slice() else { return false };
    if !matches!(parents.last(), Some(Step::Open(Codec::Form))) {
        return false;
    }
    let Some(Node::Object(fields)) = tree.get_mut(&Path(parents.to_vec())) else { return false };
    match fields.iter_mut().filter(|(it, _)| it == name).nth(*nth) {
        Some((name, _)) => {
            name.push_str(suffix);
            true
        }
        None => false,
    }
}

fn is_signature(step: Option<&Step>) -> bool {
    matches!(step, Some(Step::Member { name, .. }) if name == jwt::SIGNATURE)
}

/// The `nth` value of `name` in a list of pairs.
pub(crate) fn nth<'a, V>(pairs: &'a [(String, V)], name: &str, nth: usize) -> Option<&'a V> {
    pairs.iter().filter(|(it, _)| it == name).nth(nth).map(|(_, value)| value)
}

/// As [`nth`], to change it.
pub(crate) fn nth_mut<'a, V>(pairs: &'a mut [(String, V)], name: &str, nth: usize) -> Option<&'a mut V> {
    pairs.iter_mut().filter(|(it, _)| it == name).nth(nth).map(|(_, value)| value)
}

/// Removes the `nth` pair of that name.
pub(crate) fn remove_nth<V>(pairs: &mut Vec<(String, V)>, name: &str, nth: usize) -> bool {
    let index = pairs.iter().enumerate().filter(|(_, (it, _))| it == name).nth(nth);
    match index.map(|(index, _)| index) {
        Some(index) => {
            pairs.remove(index);
            true
        }
        None => false,
    }
}

/// Counts for each pair how many of that name came before.
pub(crate) fn numbered<V>(pairs: &[(String, V)]) -> Vec<(&str, usize)> {
    pairs
        .iter()
        .enumerate()
        .map(|(index, (name, _))| (name.as_str(), pairs[..index].iter().filter(|(it, _)| it == name).count()))
        .collect()
}
