//! What the sender of an HTTP request controls.

use super::{Act, HttpRequest, METHODS, places, v1, v2, websocket};
use crate::{
    edit::Edit,
    point::{Charset, Control, InjectionPoint, Locator, Path, Role},
    source::EventSource,
    tree::{Node, Step, json_bytes},
    wire::{
        Leaves,
        leaves::{self, FILLER, below, is_named, named_object, nth_mut},
    },
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

/// What the `Host` header takes of the request's head.
const HOST_BYTES: usize = 96;

impl Leaves for HttpRequest {
    fn locators(&self, source: EventSource) -> Vec<Locator> {
        let mut found = Vec::new();
        let numbered = |pairs| leaves::numbered(pairs).into_iter();
        found.extend(numbered(&self.query).map(|(name, nth)| Locator::Query { name: name.to_owned(), nth }));
        let parameters = self.path_parameters().unwrap_or_default();
        found.extend(parameters.into_iter().map(|(name, _)| Locator::PathParameter { name }));
        if let Some(body) = self.body.as_ref().filter(|it| !matches!(it, Node::Bytes(_))) {
            found.extend(body.leaves().into_iter().map(|path| Locator::Body { path }));
        }
        for (name, _) in &self.cookies {
            let at = Locator::Cookie { name: name.clone() };
            if !found.contains(&at) {
                found.push(at);
            }
        }
        for (index, (name, _)) in self.headers.iter().enumerate() {
            let before = self.headers[..index].iter();
            let nth = before.filter(|(it, _)| it.eq_ignore_ascii_case(name)).count();
            found.push(Locator::Header { name: name.clone(), nth });
        }
        if let Some(authorizer) = &self.api.authorizer {
            let leaves = authorizer.leaves().into_iter().filter(|path| is_copied(authorizer, path));
            found.extend(leaves.map(|path| Locator::Authorizer { path }));
        }
        found.extend([Locator::Path, Locator::QueryName]);
        found.extend(self.body.as_ref().and_then(named_object).map(|path| Locator::BodyName { path }));
        found.push(Locator::HeaderName);
        found.retain(|at| places::carries(self, source, at));
        found
    }

    fn describe(&self, source: EventSource, at: &Locator) -> Option<InjectionPoint> {
        if !places::carries(self, source, at) {
            return None;
        }
        let limits = places::limits(source);
        let body = if places::is_encoded(self, source) { "/body»base64»" } else { "/body" };
        let point = |path: String, charset, max_bytes, role| {
            let control = Control::Attacker;
            Some(InjectionPoint { locator: at.clone(), control, charset, max_bytes, role, path })
        };
        match at {
            Locator::Query { name, nth } => {
                let count = self.query.iter().filter(|(it, _)| it == name).count();
                if *nth >= count {
                    return None;
                }
                let path = places::query(source, name, *nth, count)?;
                point(path, Charset::Query, limits.url / 4, Role::Data)
            }
            Locator::QueryName => {
                let (map, charset) = places::query_name(source);
                point(format!("{map}/ (name)"), charset, limits.url / 4, Role::Routing)
            }
            Locator::PathParameter { name } => {
                self.path_parameters()?.iter().find(|(it, _)| it == name)?;
                let greedy = self.route.contains(&format!("{{{name}+}}"));
                let charset = if greedy { Charset::Path } else { Charset::PathSegment };
                let whole = greedy && self.route.rfind('/') == Some(0);
                let role = if whole { Role::Routing } else { Role::Data };
                point(places::path_parameter(source, name), charset, limits.url / 4, role)
            }
            Locator::Path => {
                let takes_all = self.route == "$default" || self.path_parameters().is_none();
                if !takes_all {
                    return None;
                }
                point(places::path(source).to_owned(), Charset::Path, limits.url / 4, Role::Routing)
            }
            Locator::Header { name, nth } => {
                // As it is spelled in the request.
                let name = &self.headers[self.header_index(name, *nth)?].0;
                let lower = name.to_ascii_lowercase();
                // A token is what an authorizer is for.
                let routes =
                    ROUTING.contains(&&*lower) && !(lower == "authorization" && source.is_authorizer());
                let role = if routes { Role::Routing } else { Role::Data };
                let same = self.headers.iter().filter(|(it, _)| match places::lowers_headers(source) {
                    true => it.eq_ignore_ascii_case(name),
                    false => it == name,
                });
                let path = places::header(source, name, *nth, same.count())?;
                let asked_for = source.is_authorizer() && self.api.identity_source.contains(&lower);
                let charset = if asked_for { Charset::HeaderText } else { Charset::HeaderValue };
                point(path, charset, limits.head / 4, role)
            }
            Locator::HeaderName => {
                let path = format!("{}/ (name)", places::header_name(source));
                point(path, Charset::HeaderName, limits.head / 4, Role::Routing)
            }
            Locator::Cookie { name } => {
                let index = self.cookies.iter().position(|(it, _)| it == name)?;
                let path = places::cookie(source, name, index);
                point(path, Charset::CookieValue, limits.head / 4, Role::Data)
            }
            Locator::Body { path } => {
                // All of it can always be replaced.
                if !path.0.is_empty() {
                    self.body.as_ref()?.get(path).filter(|it| it.is_leaf())?;
                }
                // Every layer can make a text longer: escapes, base64.
                let room = if path.0.is_empty() { 2 } else { 8 };
                let charset = leaves::charset(Charset::Any, path);
                let routes = self.act == Act::Message && *path == websocket::route_place(self);
                let role = if routes { Role::Routing } else { Role::Data };
                point(below(body, path), charset, limits.body / room, role)
            }
            Locator::BodyName { path } => {
                let object = self.body.as_ref()?.get(path)?;
                if !matches!(object, Node::Object(_)) || !is_named(path) {
                    return None;
                }
                let text = format!("{}/ (name)", below(body, path));
                point(text, leaves::charset(Charset::Any, path), limits.body / 8, Role::Routing)
            }
            Locator::Authorizer { path } => {
                let authorizer = self.api.authorizer.as_ref()?;
                authorizer.get(path).filter(|it| it.is_leaf() && is_copied(authorizer, path))?;
                let text = below("/requestContext/authorizer", path);
                let point = point(text, Charset::Any, limits.head / 4, Role::Data)?;
                // A signed token or what an authorizer copied: names and addresses in it are
                // the user's own.
                Some(InjectionPoint { control: Control::Conditional, ..point })
            }
            _ => None,
        }
    }

    fn text(&self, at: &Locator) -> Option<String> {
        match at {
            Locator::Query { name, nth } => leaves::nth(&self.query, name, *nth).cloned(),
            Locator::PathParameter { name } => {
                let found = self.path_parameters()?.into_iter().find(|(it, _)| it == name);
                found.map(|(_, value)| value)
            }
            Locator::Path => Some(self.path.clone()),
            Locator::Header { name, nth } => {
                self.header_index(name, *nth).map(|index| self.headers[index].1.clone())
            }
            Locator::Cookie { name } => leaves::nth(&self.cookies, name, 0).cloned(),
            Locator::Body { path } if path.0.is_empty() => {
                Some(self.body.as_ref().map(Node::to_text).unwrap_or_default())
            }
            Locator::Body { path } => self.body.as_ref()?.leaf_text(path),
            Locator::Authorizer { path } => self.api.authorizer.as_ref()?.leaf_text(path),
            _ => None,
        }
    }

    fn set(&mut self, at: &Locator, text: &str) -> bool {
        let place = match at {
            Locator::Query { name, nth } => nth_mut(&mut self.query, name, *nth),
            Locator::Header { name, nth } => {
                self.header_index(name, *nth).map(|index| &mut self.headers[index].1)
            }
            Locator::Cookie { name } => nth_mut(&mut self.cookies, name, 0),
            Locator::QueryName => {
                self.query.push((text.to_owned(), FILLER.to_owned()));
                return true;
            }
            Locator::HeaderName => {
                let taken = self.header(text).is_some() || is_reserved(text);
                self.headers.push((text.to_owned(), FILLER.to_owned()));
                return !taken;
            }
            Locator::PathParameter { name } => match self.path_with(name, text) {
                Some(path) => {
                    let before = std::mem::replace(&mut self.path, path);
                    let kept = self.text(at).as_deref() == Some(text);
                    if !kept {
                        self.path = before;
                    }
                    return kept;
                }
                None => return false,
            },
            Locator::Path => {
                let slash = if text.starts_with('/') { "" } else { "/" };
                self.path = format!("{slash}{text}");
                return true;
            }
            Locator::Body { path } if path.0.is_empty() => {
                self.body = Some(Node::text(text));
                return true;
            }
            Locator::Body { path } => {
                return self.body.as_mut().is_some_and(|it| it.set_leaf(path, text));
            }
            Locator::BodyName { path } => {
                return self.body.as_mut().is_some_and(|it| it.add_name(path, text));
            }
            Locator::Authorizer { path } => {
                return self.api.authorizer.as_mut().is_some_and(|it| it.set_leaf(path, text));
            }
            _ => None,
        };
        match place {
            Some(place) => {
                text.clone_into(place);
                true
            }
            None => false,
        }
    }

    fn add(&mut self, at: &Locator, text: &str) -> bool {
        match at {
            Locator::Query { name, .. } => self.query.push((name.clone(), text.to_owned())),
            Locator::Header { name, .. } if is_reserved(name) => return false,
            Locator::Header { name, .. } => self.headers.push((name.clone(), text.to_owned())),
            Locator::Cookie { name } if self.text(at).is_none() => {
                self.cookies.push((name.clone(), text.to_owned()));
            }
            Locator::Body { path } if !path.0.is_empty() => {
                return self.body.as_mut().is_some_and(|it| it.insert(path, Node::text(text)));
            }
            _ => return self.set(at, text),
        }
        true
    }

    fn remove(&mut self, at: &Locator) -> bool {
        match at {
            Locator::Query { name, nth } => leaves::remove_nth(&mut self.query, name, *nth),
            Locator::Header { name, nth } => match self.header_index(name, *nth) {
                Some(index) => {
                    self.headers.remove(index);
                    true
                }
                None => false,
            },
            Locator::Cookie { name } => leaves::remove_nth(&mut self.cookies, name, 0),
            Locator::Body { path } if path.0.is_empty() => self.body.take().is_some(),
            Locator::Body { path } => self.body.as_mut().is_some_and(|it| it.remove(path)),
            _ => false,
        }
    }

    fn set_node(&mut self, at: &Locator, node: &Node) -> bool {
        match at {
            Locator::Body { path } if path.0.is_empty() => {
                self.body = Some(node.clone());
                true
            }
            Locator::Body { path } => self.body.as_mut().is_some_and(|it| it.set(path, node.clone())),
            _ => false,
        }
    }

    fn edit(&mut self, edit: &Edit) -> bool {
        // A connection has headers and a query; of the rest nothing is left to change.
        let possible = match self.act {
            Act::Request => true,
            Act::Connect => matches!(edit, Edit::DropQuery | Edit::DropHeaders),
            Act::HealthCheck | Act::Message | Act::Disconnect => false,
        };
        match edit {
            _ if !possible => false,
            Edit::Method(method) if METHODS.contains(&method.as_str()) => {
                self.method.clone_from(method);
                true
            }
            Edit::Path(path) => {
                path.starts_with('/') && !path.contains('\0') && self.set(&Locator::Path, path)
            }
            Edit::ContentType(value) => {
                self.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
                let header = ("content-type".to_owned(), value.clone());
                let fits = Charset::HeaderValue.refused(value).is_none() && !value.is_empty();
                self.headers.push(header);
                fits
            }
            Edit::DropBody => self.body.take().is_some(),
            Edit::DropQuery => !std::mem::take(&mut self.query).is_empty(),
            Edit::DropHeaders => {
                // Without its type an HTTP API takes the body for binary: that is another edit.
                self.headers.retain(|(name, _)| name.eq_ignore_ascii_case("content-type"));
                self.cookies.clear();
                true
            }
            _ => false,
        }
    }

    fn most_bytes(&self) -> usize {
        let pair = |(name, value): &(String, String)| json_bytes(name) + json_bytes(value) + 8;
        let pairs = |pairs: &[(String, String)]| pairs.iter().map(pair).sum::<usize>();
        let tree = |node: &Option<Node>| node.as_ref().map_or(0, Node::most_bytes);
        let configuration = self.api.stage_variables.as_ref().map_or(0, |it| 2 * it.to_string().len());
        // Each is written up to four times, some of them with `%XX` for each byte.
        8 * 1024
            + 4 * (3 * json_bytes(&self.path) + 3 * pairs(&self.query))
            + 4 * (pairs(&self.headers) + pairs(&self.cookies))
            + 2 * tree(&self.body)
            + tree(&self.api.authorizer)
            + configuration
    }

    fn sendable(&self, source: EventSource) -> bool {
        let limits = places::limits(source);
        let url = super::target(source, self).len();
        let headers: usize = self.headers.iter().map(|(n, v)| n.len() + v.len() + 4).sum();
        let cookies = self.cookie_header().map_or(0, |it| it.len() + 12);
        let named = |pairs: &[(String, String)]| {
            pairs.iter().all(|(name, value)| {
                !name.is_empty()
                    && Charset::HeaderName.refused(name).is_none()
                    && Charset::HeaderValue.refused(value).is_none()
            })
        };
        let body = self.body.as_ref().map(Node::to_bytes).unwrap_or_default();
        let passes = match source {
            // What an API makes of bytes that it takes for text is not known.
            _ if std::str::from_utf8(&body).is_ok() => true,
            EventSource::ApiGatewayRest | EventSource::ApiGatewayHttp => {
                let binary_types = &self.api.binary_media_types;
                !v2::is_text(self) && (binary_types.is_empty() || v1::is_binary(self))
            }
            _ => places::is_encoded(self, source),
        };
        places::delivers(self, source)
            && url <= limits.url
            && passes
            && body.len() <= limits.body
            && url + headers + cookies + HOST_BYTES <= limits.head
            && named(&self.headers)
            && named(&self.cookies)
            && self.cookies.iter().all(|(_, value)| Charset::CookieValue.refused(value).is_none())
    }
}

/// Headers that are not in the list of headers: AWS sets them, or they are kept elsewhere.
fn is_reserved(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    super::ADDED.contains(&&*lower) || matches!(&*lower, "cookie" | "content-length")
}

/// Whether a leaf of an authorizer holds text of the user: a claim of a token, or what a Lambda
/// authorizer returned. The ids of an IAM user and the scopes of a token are AWS's own.
fn is_copied(authorizer: &Node, path: &Path) -> bool {
    let is_text = path.0.iter().any(|step| matches!(step, Step::Open(_)))
        || matches!(authorizer.get(path), Some(Node::Text(_)));
    let member = |at: usize| match path.0.get(at) {
        Some(Step::Member { name, .. }) => name.as_str(),
        _ => "",
    };
    is_text && !matches!((member(0), member(1)), ("iam", _) | ("jwt", "scopes"))
}
