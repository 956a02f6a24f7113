//! What senders have in common: lists of pairs, and trees that hold what a text has in it.

use crate::{
    codec::Codec,
    point::{Charset, Path},
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

/// The outermost object whose names a sender chooses.
pub(crate) fn named_object(node: &Node) -> Option<Path> {
    node.objects().into_iter().find(is_named)
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

/// Which characters survive at `path` in a tree whose text is bound to `outer`.
pub(crate) fn charset(outer: Charset, path: &Path) -> Charset {
    let mut charset = outer;
    for (at, step) in path.0.iter().enumerate() {
        charset = match step {
            // The signature of a token is written as it is.
            Step::Open(Codec::Jwt) if matches!(path.0.get(at + 1), Some(Step::Member { name, .. }) if name == "signature") => {
                charset
            }
            Step::Open(
                Codec::Base64
                | Codec::Base64Url
                | Codec::Percent
                | Codec::Gzip
                | Codec::Form
                | Codec::Multipart
                | Codec::Jwt
                | Codec::UrlPath
                | Codec::SignedBytes,
            ) => Charset::Any,
            // XML 1.0, 2.2: the same characters that SQS takes.
            Step::Open(Codec::Xml) => Charset::SqsText,
            Step::Open(Codec::Cookie) => Charset::CookieValue,
            Step::Open(Codec::Json | Codec::Mailbox) | Step::Member { .. } | Step::Element(_) => charset,
        };
    }
    charset
}

/// The `nth` value of `name` in a list of pairs.
pub(crate) fn nth<'a>(pairs: &'a [(String, String)], name: &str, nth: usize) -> Option<&'a String> {
    pairs.iter().filter(|(it, _)| it == name).nth(nth).map(|(_, value)| value)
}

/// As [`nth`], to change it.
pub(crate) fn nth_mut<'a>(
    pairs: &'a mut [(String, String)],
    name: &str,
    nth: usize,
) -> Option<&'a mut String> {
    pairs.iter_mut().filter(|(it, _)| it == name).nth(nth).map(|(_, value)| value)
}

/// Removes the `nth` pair of that name.
pub(crate) fn remove_nth(pairs: &mut Vec<(String, String)>, name: &str, nth: usize) -> bool {
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
pub(crate) fn numbered(pairs: &[(String, String)]) -> Vec<(&str, usize)> {
    pairs
        .iter()
        .enumerate()
        .map(|(index, (name, _))| (name.as_str(), pairs[..index].iter().filter(|(it, _)| it == name).count()))
        .collect()
}
