//! Places as users write them, and what they name in an event.

use super::{Place, State};
use crate::{
    codec::Codec,
    point::{Image, InjectionPoint, Locator, Path, Step},
    source::EventSource,
    tree::Node,
    wire::Wire,
};

/// A place as it is written: see [`values`](crate::values).
#[derive(Clone, Debug, PartialEq)]
pub struct Pointer {
    text: String,
    tokens: Vec<Token>,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// A name or an index, without escapes.
    Name(String),
    /// A codec: `»json»`.
    Codec(String),
}

impl Token {
    fn name(&self) -> Option<&str> {
        match self {
            Token::Name(name) => Some(name),
            Token::Codec(_) => None,
        }
    }
}

impl Pointer {
    /// Reads one. `None` if it does not begin with `/`.
    pub fn parse(text: &str) -> Option<Pointer> {
        let tokens = text.starts_with('/').then(|| tokens(text))?;
        Some(Pointer { text: text.to_owned(), tokens })
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether `path`, as points show it, is this place or one inside.
    ///
    /// ```
    /// use evfuzz_generators::values::Pointer;
    ///
    /// let pointer = Pointer::parse("/Records/*/body/user").unwrap();
    /// assert!(pointer.covers("/Records/0/body»json»/user/name"));
    /// assert!(!pointer.covers("/Records/0/body»json»/order"));
    /// ```
    pub fn covers(&self, path: &str) -> bool {
        path.starts_with('/') && self.below(&tokens(path)).is_some()
    }

    /// What it names in an event with these points. At most one place is made.
    pub(super) fn places(&self, wire: &Wire, source: EventSource, points: &[InjectionPoint]) -> Vec<Place> {
        let mut places: Vec<Place> = Vec::new();
        for point in points.iter().filter(|it| !it.locator.is_name()) {
            let Some(below) = self.below(&tokens(point.path())) else { continue };
            let place = match below {
                0 => Place { at: point.locator.clone(), state: State::Leaf },
                _ => match above(&point.locator, below) {
                    Some(at) => Place { at, state: State::Inner },
                    None => continue,
                },
            };
            if !places.contains(&place) {
                places.push(place);
            }
        }
        if places.is_empty() {
            let may = |at: &Locator| wire.leaves().may_change(source, at);
            let made = self.made(wire).filter(may);
            places.extend(made.map(|at| Place { at, state: State::Missing }));
        }
        places
    }

    /// How many names and indices `path` goes on behind this place. `None` if it is elsewhere.
    fn below(&self, path: &[Token]) -> Option<usize> {
        let exact = self.tokens.iter().any(|it| it.name().is_none());
        let path: Vec<&Token> = path.iter().filter(|it| exact || it.name().is_some()).collect();
        let headers =
            matches!(self.tokens.first().and_then(Token::name), Some("headers" | "multiValueHeaders"));
        let same = |index: usize, wanted: &Token, found: &Token| match (wanted, found) {
            (Token::Name(wanted), Token::Name(_)) if wanted == "*" => true,
            (Token::Name(wanted), Token::Name(found)) if headers && index == 1 => {
                wanted.eq_ignore_ascii_case(found)
            }
            (wanted, found) => wanted == found,
        };
        let (here, below) = path.split_at_checked(self.tokens.len())?;
        let matches = self.tokens.iter().zip(here).enumerate().all(|(index, (a, b))| same(index, a, b));
        matches.then(|| below.iter().filter(|it| it.name().is_some()).count())
    }

    /// The place that a sender of this kind could add.
    fn made(&self, wire: &Wire) -> Option<Locator> {
        // A `*` stands for the first one.
        let names: Vec<&str> = self.tokens.iter().filter_map(Token::name).collect();
        let named: Vec<&str> = names.iter().map(|it| if *it == "*" { "0" } else { it }).collect();
        match (wire, named.as_slice()) {
            (Wire::Http(request), ["body", rest @ ..]) => {
                let root = request.body.as_ref()?;
                Some(Locator::Body { path: in_text(root, rest)? })
            }
            (
                Wire::Http(_),
                ["queryStringParameters", name] | ["multiValueQueryStringParameters", name, ..],
            ) => Some(Locator::query(name, 0)),
            (
                Wire::Http(_),
                ["headers", "cookie" | "Cookie", name] | ["cookies", name] | ["cookies", _, name],
            ) => Some(Locator::cookie(name)),
            (Wire::Http(_), ["headers", name] | ["multiValueHeaders", name, ..]) => {
                Some(Locator::header(name, 0))
            }
            (Wire::Sqs(batch), ["Records", record, "body", rest @ ..]) => {
                let record: usize = record.parse().ok()?;
                let root = &batch.messages.get(record)?.body;
                Some(Locator::Message { record, path: in_text(root, rest)? })
            }
            (
                Wire::Sqs(_),
                ["Records", record, "messageAttributes", name]
                | ["Records", record, "messageAttributes", name, "stringValue"],
            ) => Some(Locator::message_attribute(record.parse().ok()?, name)),
            (
                Wire::DynamoDb(_),
                ["Records", record, "dynamodb", image @ ("NewImage" | "OldImage"), first, rest @ ..],
            ) => {
                let image = if *image == "NewImage" { Image::New } else { Image::Old };
                // Behind each name comes the tag of a type: `S`.
                let names = std::iter::once(first).chain(rest.iter().skip(1).step_by(2));
                let path = names.fold(Path::root(), |path, name| path.then(step(name)));
                Some(Locator::Attribute { record: record.parse().ok()?, image, path })
            }
            (Wire::Event(event), names) => Some(Locator::Json { path: in_tree(event, names)? }),
            _ => None,
        }
    }
}

/// The place `steps` names and indices above one in a tree.
fn above(at: &Locator, steps: usize) -> Option<Locator> {
    let path = at.inside()?;
    let mut left = steps;
    let mut end = path.0.len();
    while left > 0 {
        end = end.checked_sub(1)?;
        left -= usize::from(!matches!(path.0[end], Step::Open(_)));
    }
    Some(at.with_inside(Path(path.0[..end].to_vec())))
}

/// A place below a text: in what it holds, else in JSON that takes its place.
fn in_text(root: &Node, names: &[&str]) -> Option<Path> {
    match root {
        _ if names.is_empty() => None,
        Node::Opened(..) => in_tree(root, names),
        _ => in_tree(&Node::Null, names).map(|rest| joined(&Path::root().open(Codec::Json), rest)),
    }
}

/// A place that is not there yet: along what is, through codecs, then along what will be.
fn in_tree(root: &Node, names: &[&str]) -> Option<Path> {
    let mut path = Path::root();
    let mut node = Some(root);
    for name in names {
        while let Some(Node::Opened(codec, content)) = node {
            path = path.open(*codec);
            node = Some(content);
        }
        node = match node {
            Some(Node::Object(members)) => {
                path = path.member(name);
                members.iter().find(|(it, _)| it == name).map(|(_, it)| it)
            }
            Some(Node::Array(elements)) => {
                let index: usize = name.parse().ok()?;
                path = path.element(index);
                elements.get(index)
            }
            // A text gets content.
            Some(Node::Text(_)) if !path.0.is_empty() => {
                path = path.open(Codec::Json).then(step(name));
                None
            }
            _ => {
                path = path.then(step(name));
                None
            }
        };
    }
    (!path.0.is_empty()).then_some(path)
}

fn joined(outer: &Path, inner: Path) -> Path {
    Path(outer.0.iter().cloned().chain(inner.0).collect())
}

fn step(name: &str) -> Step {
    match name.parse() {
        Ok(index) if name.bytes().all(|it| it.is_ascii_digit()) => Step::Element(index),
        _ => Step::Member { name: name.to_owned(), nth: 0 },
    }
}

/// The parts of a displayed path, without escapes.
fn tokens(path: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for layer in path.split('»').filter(|it| !it.is_empty()) {
        match layer.strip_prefix('/') {
            Some(names) => tokens.extend(names.split('/').map(|it| Token::Name(unescaped(it)))),
            None => tokens.push(Token::Codec(layer.to_owned())),
        }
    }
    tokens
}

/// The escapes of paths: see [`Path`].
fn unescaped(token: &str) -> String {
    let name = token.strip_prefix("~2").unwrap_or(token);
    name.replace("~3", "»").replace("~1", "/").replace("~0", "~")
}
