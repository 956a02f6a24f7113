//! What the sender of an HTTP request controls.

use super::{Act, HttpRequest, METHODS, places, sent, v1, v2, websocket};
use crate::{
    edit::Edit,
    point::{Charset, Control, InjectionPoint, Locator, Path, Role},
    source::EventSource,
    tree::{Node, Step, json_bytes},
    wire::{
        Leaves,
        leaves::{self, FILLER, below, is_named, named_object},
    },
};

/// What the `Host` header takes of the request's head.
const HOST_BYTES: usize = 96;

impl Leaves for HttpRequest {
    fn locators(&self, source: EventSource) -> Vec<Locator> {
        let mut found = self.query_places();
        found.extend(self.parameter_places());
        if let Some(body) = self.body.as_ref().filter(|it| !matches!(it, Node::Bytes(_))) {
            found.extend(body.leaves().into_iter().map(|path| Locator::Body { path }));
        }
        found.extend(self.cookie_places());
        found.extend(self.header_places());
        if let Some(authorizer) = &self.api.authorizer {
            let leaves = authorizer.leaves().into_iter().filter(|path| is_copied(authorizer, path));
            found.extend(leaves.map(|path| Locator::Authorizer { path }));
        }
        found.extend([Locator::Path, Locator::QueryName]);
        found.extend(self.body.as_ref().and_then(named_object).map(|path| Locator::BodyName { path }));
        let names = self.names_in_values(&found);
        found.extend(names);
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
            Locator::Query { .. }
            | Locator::PathParameter { .. }
            | Locator::Header { .. }
            | Locator::Cookie { .. } => self.describe_value(source, at),
            Locator::NameIn { of } => self.describe_name(source, at, of),
            Locator::QueryName => {
                let (map, charset) = places::query_name(source);
                point(format!("{map}/ (name)"), charset, limits.url / 4, Role::Routing)
            }
            Locator::Path => {
                let takes_all = self.route == "$default" || self.path_parameters().is_none();
                if !takes_all {
                    return None;
                }
                point(places::path(source).to_owned(), Charset::Path, limits.url / 4, Role::Routing)
            }
            Locator::HeaderName => {
                let path = format!("{}/ (name)", places::header_name(source));
                point(path, Charset::HeaderName, limits.head / 4, Role::Routing)
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
            Locator::Path => Some(self.path.clone()),
            Locator::Body { path } if path.0.is_empty() => {
                Some(self.body.as_ref().map(Node::to_text).unwrap_or_default())
            }
            Locator::Body { path } => self.body.as_ref()?.leaf_text(path),
            Locator::Authorizer { path } => self.api.authorizer.as_ref()?.leaf_text(path),
            Locator::NameIn { .. } => None,
            _ => leaves::text_at(&*self.value(at)?, at.inside()?),
        }
    }

    fn set(&mut self, at: &Locator, text: &str) -> bool {
        match at {
            Locator::QueryName => {
                self.query.push((text.to_owned(), Node::text(FILLER)));
                true
            }
            Locator::HeaderName => {
                let taken = self.header(text).is_some() || is_reserved(text);
                self.headers.push((text.to_owned(), Node::text(FILLER)));
                !taken
            }
            Locator::Path => {
                let slash = if text.starts_with('/') { "" } else { "/" };
                self.path = format!("{slash}{text}");
                true
            }
            Locator::Body { path } if path.0.is_empty() => {
                self.body = Some(Node::text(text));
                true
            }
            Locator::Body { path } => self.body.as_mut().is_some_and(|it| it.set_leaf(path, text)),
            Locator::BodyName { path } => self.body.as_mut().is_some_and(|it| it.add_name(path, text)),
            Locator::Authorizer { path } => {
                self.api.authorizer.as_mut().is_some_and(|it| it.set_leaf(path, text))
            }
            Locator::NameIn { of } => self.change_value(of, &mut |value, path| value.add_name(path, text)),
            _ => self.change_value(at, &mut |value, path| leaves::set_text(value, path, text)),
        }
    }

    fn add(&mut self, at: &Locator, text: &str) -> bool {
        match at {
            Locator::Header { name, .. } if is_reserved(name) => false,
            Locator::Query { path, .. } | Locator::Header { path, .. } | Locator::Cookie { path, .. } => {
                if !path.is_root() && self.value(at).is_some() {
                    return self.change_value(at, &mut |value, path| value.insert(path, Node::text(text)));
                }
                leaves::made(path, text).is_some_and(|value| self.add_value(at, value))
            }
            Locator::Body { path } if !path.0.is_empty() => {
                self.body.as_mut().is_some_and(|it| it.insert(path, Node::text(text)))
            }
            _ => self.set(at, text),
        }
    }

    fn remove(&mut self, at: &Locator) -> bool {
        match at {
            Locator::Query { path, .. }
            | Locator::PathParameter { path, .. }
            | Locator::Header { path, .. }
            | Locator::Cookie { path, .. }
                if !path.is_root() =>
            {
                self.change_value(at, &mut |value, path| value.remove(path))
            }
            Locator::Query { name, nth, .. } => leaves::remove_nth(&mut self.query, name, *nth),
            Locator::Header { name, nth, .. } => match self.header_index(name, *nth) {
                Some(index) => {
                    self.headers.remove(index);
                    true
                }
                None => false,
            },
            Locator::Cookie { name, .. } => leaves::remove_nth(&mut self.cookies, name, 0),
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
            // A query is written by the client, who may encode it badly.
            Locator::Query { path, .. } if path.is_root() && is_badly_encoded(node) => {
                self.change_value(at, &mut |value, path| value.set(path, node.clone()))
            }
            _ => self.change_value(at, &mut |value, path| match path.is_root() {
                true => value.set(path, leaves::as_text(node)),
                false => value.set(path, node.clone()) && leaves::keeps_lists(value, path),
            }),
        }
    }

    fn part(&self, at: &Locator) -> Option<Node> {
        match at {
            Locator::Body { path } => self.body.as_ref()?.get(path).cloned(),
            Locator::Authorizer { path } => self.api.authorizer.as_ref()?.get(path).cloned(),
            _ => self.text(at).map(Node::Text),
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
            Edit::ExtendName { at: Locator::Query { name, nth, path }, suffix } if path.is_root() => {
                let mut named = self.query.iter_mut().filter(|(it, _)| it == name);
                match named.nth(*nth) {
                    Some((name, _)) => {
                        name.push_str(suffix);
                        Charset::Path.refused(name).is_none()
                    }
                    None => false,
                }
            }
            Edit::ExtendName { at: Locator::Body { path }, suffix } => {
                self.body.as_mut().is_some_and(|it| leaves::extend_name(it, path, suffix))
            }
            Edit::ExtendName { at, suffix } => {
                self.change_value(at, &mut |value, path| leaves::extend_name(value, path, suffix))
            }
            Edit::Method(method) if METHODS.contains(&method.as_str()) => {
                self.method.clone_from(method);
                true
            }
            Edit::Path(path) => {
                path.starts_with('/') && !path.contains('\0') && self.set(&Locator::Path, path)
            }
            Edit::ContentType(value) => {
                self.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
                let header = ("content-type".to_owned(), Node::text(value));
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
        let pair = |(name, value): &(String, Node)| json_bytes(name) + value.most_bytes() + 8;
        let pairs = |pairs: &[(String, Node)]| pairs.iter().map(pair).sum::<usize>();
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
        let url = super::target_length(source, self);
        let (mut fits, mut head) = (true, url + HOST_BYTES);
        let mut check = |pairs: &[(String, Node)], charset: Charset, marks: usize| {
            for (name, value) in sent(pairs) {
                head += name.len() + value.len() + marks;
                fits &= !name.is_empty()
                    && Charset::HeaderName.refused(name).is_none()
                    && charset.refused(&value).is_none();
            }
        };
        // `: ` and the end of the line.
        check(&self.headers, Charset::HeaderValue, 4);
        // All in one line, with `=` in each and `; ` between them.
        check(&self.cookies, Charset::CookieValue, 3);
        if !self.cookies.is_empty() {
            head += "cookie: \r\n".len();
        }
        let passes = match source {
            // What an API makes of bytes that it takes for text is not known.
            _ if self.body.as_ref().is_none_or(Node::is_utf8) => true,
            EventSource::ApiGatewayRest | EventSource::ApiGatewayHttp => {
                let binary_types = &self.api.binary_media_types;
                !v2::is_text(self) && (binary_types.is_empty() || v1::is_binary(self))
            }
            _ => places::is_encoded(self, source),
        };
        fits && places::delivers(self, source)
            && url <= limits.url
            && passes
            && self.body.as_ref().is_none_or(|it| it.fits(limits.body))
            && head <= limits.head
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

fn is_badly_encoded(node: &Node) -> bool {
    matches!(node, Node::Raw(text) if text.contains('%'))
}
