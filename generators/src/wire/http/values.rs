//! What is in the head of a request: query values, path parameters, headers and cookies, each a tree.
//!
//! A path parameter is no value of its own but a part of the path: its tree is made anew from the text of that part.

use std::borrow::Cow;

use super::{HttpRequest, places};
use crate::{
    codec,
    point::{Charset, Control, InjectionPoint, Locator, Path, Role},
    source::EventSource,
    tree::Node,
    wire::leaves::{self, below, nth, nth_mut, role_at},
};

/// Headers that decide how a request is read, or that many functions check.
const ROUTING: [&str; 8] = [
    "content-type",
    "content-encoding",
    "forwarded",
    "x-forwarded-host",
    "x-http-method-override",
    "x-original-url",
    "x-rewrite-url",
    "authorization",
];

impl HttpRequest {
    pub(super) fn query_places(&self) -> Vec<Locator> {
        let values = leaves::numbered(&self.query).into_iter().zip(&self.query);
        let places = values.flat_map(|((name, nth), (_, value))| all(&Locator::query(name, nth), value));
        places.collect()
    }

    pub(super) fn parameter_places(&self) -> Vec<Locator> {
        let parameters = self.path_parameters().unwrap_or_default().into_iter();
        let places =
            |(name, value): (String, String)| all(&Locator::path_parameter(&name), &codec::open(value));
        parameters.flat_map(places).collect()
    }

    pub(super) fn cookie_places(&self) -> Vec<Locator> {
        let first = leaves::numbered(&self.cookies).into_iter().zip(&self.cookies);
        let first = first.filter(|((_, nth), _)| *nth == 0);
        first.flat_map(|((name, _), (_, value))| all(&Locator::cookie(name), value)).collect()
    }

    pub(super) fn header_places(&self) -> Vec<Locator> {
        let headers = self.headers.iter().enumerate();
        let places = headers.flat_map(|(index, (name, value))| {
            let before = self.headers[..index].iter();
            let nth = before.filter(|(it, _)| it.eq_ignore_ascii_case(name)).count();
            all(&Locator::header(name, nth), value)
        });
        places.collect()
    }

    /// Of each value that has one of `places`, the name of one more member of an object in it.
    pub(super) fn names_in_values(&self, places: &[Locator]) -> Vec<Locator> {
        let mut names: Vec<Locator> = Vec::new();
        for whole in places.iter().filter(|it| it.inside().is_some_and(Path::is_root)) {
            let object = self.value(whole).and_then(|value| leaves::named_object(&value));
            names.extend(object.map(|path| Locator::NameIn { of: Box::new(whole.with_inside(path)) }));
        }
        names
    }

    /// The value in which `at` is.
    pub(super) fn value(&self, at: &Locator) -> Option<Cow<'_, Node>> {
        match at {
            Locator::Query { name, nth: which, .. } => nth(&self.query, name, *which).map(Cow::Borrowed),
            Locator::Header { name, nth, .. } => {
                self.header_index(name, *nth).map(|index| Cow::Borrowed(&self.headers[index].1))
            }
            Locator::Cookie { name, .. } => nth(&self.cookies, name, 0).map(Cow::Borrowed),
            Locator::PathParameter { name, .. } => {
                let found = self.path_parameters()?.into_iter().find(|(it, _)| it == name);
                found.map(|(_, text)| Cow::Owned(codec::open(text)))
            }
            _ => None,
        }
    }

    /// Changes the value in which `at` is. `change` gets the value and the place in it, and says whether it did anything.
    pub(super) fn change_value(
        &mut self,
        at: &Locator,
        change: &mut dyn FnMut(&mut Node, &Path) -> bool,
    ) -> bool {
        let Some(path) = at.inside() else { return false };
        let value = match at {
            Locator::Query { name, nth, .. } => nth_mut(&mut self.query, name, *nth),
            Locator::Header { name, nth, .. } => {
                self.header_index(name, *nth).map(|index| &mut self.headers[index].1)
            }
            Locator::Cookie { name, .. } => nth_mut(&mut self.cookies, name, 0),
            Locator::PathParameter { name, .. } => {
                let Some(mut value) = self.value(at).map(Cow::into_owned) else { return false };
                return change(&mut value, path) && self.fill(name, &value.to_text());
            }
            _ => None,
        };
        value.is_some_and(|value| change(value, path))
    }

    /// Fills the hole `name` of the route with `text`, if the function then gets that.
    fn fill(&mut self, name: &str, text: &str) -> bool {
        let Some(path) = self.path_with(name, text) else { return false };
        let before = std::mem::replace(&mut self.path, path);
        let parameters = self.path_parameters().unwrap_or_default();
        let kept = nth(&parameters, name, 0).is_some_and(|it| it == text);
        if !kept {
            self.path = before;
        }
        kept
    }

    /// Adds a value under the name of `at`. A cookie of that name is not sent twice.
    pub(super) fn add_value(&mut self, at: &Locator, value: Node) -> bool {
        match at {
            Locator::Query { name, .. } => self.query.push((name.clone(), value)),
            Locator::Header { name, .. } => self.headers.push((name.clone(), value)),
            Locator::Cookie { name, .. } => match nth_mut(&mut self.cookies, name, 0) {
                Some(present) => *present = value,
                None => self.cookies.push((name.clone(), value)),
            },
            _ => return false,
        }
        true
    }

    /// What can be sent at a place in a value.
    pub(super) fn describe_value(&self, source: EventSource, at: &Locator) -> Option<InjectionPoint> {
        let (value, inside) = (self.value(at)?, at.inside()?);
        // What is in a text that arrives as a part of another cannot be read from there.
        let is_part = self.is_part(source, at);
        let mut role = match role_at(&value, inside)? {
            _ if is_part && !inside.is_root() => return None,
            _ if is_part => Role::Data,
            role => role,
        };
        let limits = places::limits(source);
        let (tree, charset, max_bytes) = match at {
            Locator::Query { name, nth, .. } => {
                (places::query(source, name, *nth, self.count(source, at))?, Charset::Query, limits.url)
            }
            Locator::PathParameter { name, .. } => {
                let greedy = self.route.contains(&format!("{{{name}+}}"));
                if greedy && self.route.rfind('/') == Some(0) {
                    role = Role::Routing;
                }
                let charset = if greedy { Charset::PathEnd } else { Charset::PathSegment };
                (places::path_parameter(source, name), charset, limits.url)
            }
            Locator::Header { name, nth, .. } => {
                // As it is spelled in the request.
                let name = &self.headers[self.header_index(name, *nth)?].0;
                let lower = name.to_ascii_lowercase();
                // A token is what an authorizer is for.
                if ROUTING.contains(&&*lower) && !(lower == "authorization" && source.is_authorizer()) {
                    role = Role::Routing;
                }
                let tree = places::header(source, name, *nth, self.count(source, at))?;
                let asked_for = source.is_authorizer() && self.api.identity_source.contains(&lower);
                let charset = if asked_for { Charset::HeaderText } else { Charset::HeaderValue };
                (tree, charset, limits.head)
            }
            Locator::Cookie { name, .. } => {
                let index = self.cookies.iter().position(|(it, _)| it == name)?;
                (places::cookie(source, name, index), Charset::CookieValue, limits.head)
            }
            _ => return None,
        };
        // Every layer can make a text longer: escapes, base64.
        let room = if inside.is_root() { 4 } else { 8 };
        Some(InjectionPoint {
            locator: at.clone(),
            control: Control::Attacker,
            charset: leaves::charset(charset, inside),
            max_bytes: max_bytes / room,
            role,
            path: below(&tree, inside),
        })
    }

    /// What can be the name of a member of the object `of`.
    pub(super) fn describe_name(
        &self,
        source: EventSource,
        at: &Locator,
        of: &Locator,
    ) -> Option<InjectionPoint> {
        let (value, inside) = (self.value(of)?, of.inside()?);
        let is_object = matches!(value.get(inside)?, Node::Object(_)) && leaves::is_named(inside);
        if !is_object || self.is_part(source, of) {
            return None;
        }
        let whole = self.describe_value(source, &of.with_inside(Path::root()))?;
        Some(InjectionPoint {
            locator: at.clone(),
            charset: leaves::charset(whole.charset, inside),
            max_bytes: whole.max_bytes / 2,
            role: Role::Routing,
            path: format!("{}/ (name)", below(&whole.path, inside)),
            ..whole
        })
    }

    /// Whether the value shows only as a part of a longer text: joined with others, or in a path that nobody takes apart.
    fn is_part(&self, source: EventSource, at: &Locator) -> bool {
        match at {
            Locator::PathParameter { .. } => !places::is_routed(source),
            Locator::Query { .. } => places::joins_query(source) && self.count(source, at) > 1,
            Locator::Header { .. } => places::joins_headers(source) && self.count(source, at) > 1,
            _ => false,
        }
    }

    /// How many values have the name of `at` in the event.
    fn count(&self, source: EventSource, at: &Locator) -> usize {
        match at {
            Locator::Query { name, .. } => self.query.iter().filter(|(it, _)| it == name).count(),
            Locator::Header { name, nth, .. } => {
                let spelled = self.header_index(name, *nth).map_or(name, |index| &self.headers[index].0);
                let same = |it: &str| match places::lowers_headers(source) {
                    true => it.eq_ignore_ascii_case(spelled),
                    false => it == spelled,
                };
                self.headers.iter().filter(|(it, _)| same(it)).count()
            }
            _ => 1,
        }
    }
}

/// All places in a value.
fn all(whole: &Locator, value: &Node) -> Vec<Locator> {
    leaves::places(value).into_iter().map(|path| whole.with_inside(path)).collect()
}

#[cfg(test)]
mod tests;
