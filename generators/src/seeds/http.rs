//! Seed requests to an API.

mod authorizer;
mod credentials;
mod multipart;
mod options;
mod routes;
mod websocket;

use serde_json::Value;

use super::words::{Shape, Words, get, insert, word};
use crate::{
    case::Seed,
    codec::Codec,
    point::{Charset, Locator},
    source::EventSource,
    tree::{Node, Step},
    wire::{
        Wire,
        http::{HttpRequest, opened_headers},
        media::FORM,
    },
};

/// More headers and cookies than this are no plausible request.
const MAX_PARAMETERS: usize = 6;
/// Routes beyond the first, each with a method.
const MAX_ROUTES: usize = 6;
/// Routes that come before other shapes of the body: a wrong path ends nearly every function.
const EARLY_ROUTES: usize = 4;

pub(super) fn seeds(source: EventSource, words: &Words<'_>) -> Vec<Seed> {
    let maker = Maker { source, words: *words };
    if source == EventSource::WebSocket {
        return maker.connections();
    }
    let flat = maker.post("post-json", Shape::Flat);
    let objects = maker.post("post-json-objects", Shape::Objects);
    let mut seeds = Vec::new();
    if let Some(typed) = maker.post_typed().filter(|it| it.wire != flat.wire) {
        seeds.push(if typed.wire == objects.wire { objects.clone() } else { typed });
    }
    seeds.push(flat);
    // A function that reads a body and no query is asked for that first.
    let reads_body = words.tails(&[&["queryStringParameters"]]).is_empty() && !maker.body_tails().is_empty();
    seeds.insert(if reads_body { 1 } else { 0 }, maker.get());
    seeds.extend(maker.parts());
    seeds.extend(maker.with_settings());
    let known: Vec<Wire> = seeds.iter().map(|it| it.wire.clone()).collect();
    let mut routes: Vec<Seed> = Vec::new();
    for request in maker.every_route() {
        let seed = maker.on_route(&format!("route-{}", routes.len() + 1), request);
        if routes.len() < MAX_ROUTES && !known.contains(&seed.wire) {
            routes.push(seed);
        }
    }
    let late = routes.split_off(routes.len().min(EARLY_ROUTES));
    seeds.extend(routes);
    let gates = |variant| {
        let words = words.variant(variant)?;
        Some(Maker { source, words }.everything(&format!("gates-{}", variant + 1)))
    };
    seeds.extend(gates(1));
    seeds.extend(maker.unasked());
    seeds.extend(maker.known_client());
    seeds.extend(maker.json_values());
    seeds.push(objects);
    seeds.push(maker.form());
    seeds.extend(gates(2));
    seeds.extend(late);
    seeds.push(maker.text());
    seeds.push(maker.post("post-json-arrays", Shape::Arrays));
    seeds.push(maker.post("post-json-lists", Shape::Lists));
    seeds
}

/// The smallest request: a `GET` of the root with nothing but what AWS adds.
pub(super) fn bare(source: EventSource) -> Seed {
    if source == EventSource::WebSocket {
        return websocket::bare();
    }
    let mut request = HttpRequest::get("/");
    // A proxy resource does not take the root.
    request.route = if is_rest(source) { "/" } else { "$default" }.to_owned();
    Seed::new("bare", source, Wire::Http(request))
}

/// Whether routes are resources.
fn is_rest(source: EventSource) -> bool {
    matches!(source, EventSource::ApiGatewayRest | EventSource::AuthorizerRequest)
}

/// What API Gateway sets itself, besides `X-Amzn-*`. It hands on every other `X-Forwarded-*` as it
/// is, `X-Forwarded-Host` above all.
const ADDED: [&str; 4] = ["host", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"];

/// Where a function reads the query, its headers and its cookies.
const QUERY: [&[&str]; 3] =
    [&["queryStringParameters"], &["multiValueQueryStringParameters"], &["query_string_parameters"]];
const HEADERS: [&[&str]; 2] = [&["headers"], &["multiValueHeaders"]];
const COOKIES: [&[&str]; 1] = [&["cookies"]];

/// Functions that decode what is encoded as in a URL.
const DECODERS: [&str; 4] = ["decodeURIComponent", "unquote", "unquote_plus", "unescape"];

struct Maker<'a> {
    source: EventSource,
    words: Words<'a>,
}

impl<'a> Maker<'a> {
    fn body_tails(&self) -> Vec<&'a [String]> {
        self.words.tails(&[&["body"]])
    }

    fn query(&self) -> Vec<(String, Node)> {
        self.words.texts(&QUERY, &self.words.names(&self.query_tails()))
    }

    /// Only names that are read from a query: with a body the others are there already.
    fn known_query(&self) -> Vec<(String, Node)> {
        self.words.texts(&QUERY, &self.words.known(&self.query_tails()))
    }

    fn query_tails(&self) -> Vec<&'a [String]> {
        self.words.tails(&QUERY)
    }

    /// What the source delivers without anybody having asked, or to an authorizer of another kind of API.
    fn unasked(&self) -> Option<Seed> {
        match self.source {
            EventSource::Alb | EventSource::AlbMulti => {
                let wire = Wire::Http(HttpRequest::health_check("/"));
                Some(Seed::new("health-check", self.source, wire))
            }
            EventSource::AuthorizerRequest => Some(self.connect()),
            _ => None,
        }
    }

    fn get(&self) -> Seed {
        let mut request = self.request("GET", 0);
        request.query = self.query();
        self.seed("get-query", request)
    }

    /// JSON in all values, for code that reads JSON from something of which it does not show where it comes from.
    fn json_values(&self) -> Option<Seed> {
        if !self.words.lexicon.parses_json() {
            return None;
        }
        let mut request = self.request("GET", 0);
        request.query = self.words.json_texts(&self.words.names(&self.query_tails()));
        for (name, value) in self.words.json_texts(&self.header_names()) {
            if let Some((_, known)) = request.headers.iter_mut().find(|(it, _)| *it == name) {
                *known = value;
            }
        }
        let names: Vec<String> = request.cookies.iter().map(|(name, _)| name.clone()).collect();
        let cookies = self.words.json_texts(&names.iter().map(String::as_str).collect::<Vec<&str>>());
        request.cookies = cookies.into_iter().map(|it| self.as_cookie(it)).collect();
        Some(self.seed("get-json", request))
    }

    fn post(&self, name: &str, shape: Shape) -> Seed {
        let mut request = self.request("POST", 0);
        request.headers.push(self.content_type("application/json"));
        request.body = json(self.words.object(&self.body_tails(), shape));
        request.query = self.known_query();
        self.seed(name, request)
    }

    /// A body in which every value has the kind that the code uses it as.
    fn post_typed(&self) -> Option<Seed> {
        let mut request = self.request("POST", 0);
        request.headers.push(self.content_type("application/json"));
        request.body = json(self.words.typed_object(&["body"])?);
        request.query = self.known_query();
        Some(self.seed("post-typed", request))
    }

    /// A request on another route: with a query, and a body if the method has one.
    fn on_route(&self, name: &str, routed: HttpRequest) -> Seed {
        let mut request = self.dressed(routed);
        if routes::without_body(&request.method) {
            request.query = self.query();
        } else {
            request.headers.push(self.content_type("application/json"));
            let typed = self.words.typed_object(&["body"]);
            let flat = || self.words.object(&self.body_tails(), Shape::Flat);
            request.body = json(typed.unwrap_or_else(flat));
            request.query = self.known_query();
        }
        self.seed(name, request)
    }

    /// A query and a body at once.
    fn everything(&self, name: &str) -> Seed {
        let mut request = self.request("POST", 1);
        request.headers.push(self.content_type("application/json"));
        request.body = json(self.words.object(&self.body_tails(), Shape::Flat));
        request.query = self.query();
        self.seed(name, request)
    }

    fn form(&self) -> Seed {
        let mut request = self.request("POST", 0);
        request.headers.push(self.content_type(FORM));
        let fields = self.words.pairs(&self.words.names(&self.body_tails())).into_iter();
        let fields = fields.map(|(name, value)| (name, Node::Text(value))).collect();
        request.body = Some(Node::Object(fields).inside(Codec::Form));
        request.query = self.known_query();
        self.seed("post-form", request)
    }

    fn text(&self) -> Seed {
        let mut request = self.request("POST", 0);
        request.headers.push(self.content_type("text/plain"));
        request.body = Some(Node::text(&word(0)));
        request.query = self.known_query();
        self.seed("post-text", request)
    }

    /// A request with everything but query and body.
    fn request(&self, method: &str, route: usize) -> HttpRequest {
        self.dressed(self.routed(method, route))
    }

    fn dressed(&self, mut request: HttpRequest) -> HttpRequest {
        request.headers = vec![
            self.header("Accept", "*/*"),
            self.header("Accept-Encoding", "gzip, deflate, br"),
            self.header("Accept-Language", "en-US,en;q=0.9"),
            self.header("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:138.0)"),
        ];
        for (name, value) in self.header_values() {
            let credentials = self.credentials().filter(|_| name.eq_ignore_ascii_case("authorization"));
            let value = credentials.unwrap_or(value);
            request.headers.retain(|(it, _)| !it.eq_ignore_ascii_case(&name));
            request.headers.push((name, value));
        }
        let cookies = self.words.tails(&COOKIES);
        let mentioned = ["cookie", "Cookie", "cookies"].map(|it| self.words.lexicon.mentions(it));
        if mentioned.contains(&true) {
            let mut names = self.words.names(&cookies);
            names.retain(|name| !name.eq_ignore_ascii_case("cookie"));
            names.truncate(MAX_PARAMETERS);
            request.cookies =
                self.words.texts(&COOKIES, &names).into_iter().map(|it| self.as_cookie(it)).collect();
            request.cookies.retain(|(name, _)| Charset::HeaderName.refused(name).is_none());
        }
        request.api.authorizer = self.authorizer().map(Node::from);
        request.api.stage_variables = self.copied(&["stageVariables"]);
        request
    }

    /// What a cookie cannot hold as it is (RFC 6265, 4.1.1: quotes, commas, blanks), applications write as in a URL, if they
    /// read it so.
    fn as_cookie(&self, (name, value): (String, Node)) -> (String, Node) {
        let text = value.to_text();
        let decodes = DECODERS.iter().any(|it| self.words.lexicon.mentions(it));
        let is_json = matches!(value, Node::Opened(Codec::Json, _));
        let encode = decodes && is_json || Charset::CookieValue.refused(&text).is_some();
        (name, if encode { value.inside(Codec::Percent) } else { value })
    }

    /// An ordinary header. HTTP/2 clients send names in lower case, HTTP/1.1 clients as here:
    /// the function's own spelling decides which of them is its client. Its value stays closed: what
    /// a function does not ask for is one point, not one for each language that a browser accepts.
    fn header(&self, name: &str, value: &str) -> (String, Node) {
        let name = match self.words.lexicon.mentions(name) {
            true => name.to_owned(),
            false => name.to_ascii_lowercase(),
        };
        (name, Node::text(value))
    }

    /// What the code reads from headers: what it decodes, encoded, and all else as far opened as its looks tell.
    fn header_values(&self) -> Vec<(String, Node)> {
        let texts = self.words.texts(&HEADERS, &self.header_names()).into_iter();
        let opened = |(name, value): (String, Node)| match value {
            Node::Text(text) => opened_headers(vec![(name, text)]),
            value => vec![(name, value)],
        };
        texts.flat_map(opened).collect()
    }

    fn content_type(&self, value: &str) -> (String, Node) {
        self.header("Content-Type", value)
    }

    fn header_names(&self) -> Vec<&'a str> {
        let tails = self.words.tails(&HEADERS);
        let mut names = self.words.known(&tails);
        if names.is_empty() && self.words.lexicon.mentions("headers") {
            // A name with a hyphen is hardly anything but a header.
            names = self.words.names(&[]).into_iter().filter(|name| name.contains('-')).collect();
        }
        names.retain(|name| {
            let lower = name.to_ascii_lowercase();
            let set_elsewhere = ["cookie", "content-type", "content-length"];
            !set_elsewhere.contains(&&*lower)
                && !ADDED.contains(&&*lower)
                && !lower.starts_with("x-amzn-")
                && Charset::HeaderName.refused(name).is_none()
                // Cookies have a list of their own.
                && !name.eq_ignore_ascii_case("cookie")
        });
        names.truncate(2 * MAX_PARAMETERS);
        names
    }

    /// Strings below `place`, as an authorizer or the configuration puts them there.
    fn copied(&self, place: &[&str]) -> Option<Value> {
        let tails = self.words.tails(&[place]);
        let mut root = Value::Null;
        for (index, tail) in tails.iter().enumerate() {
            let path: Vec<Step> =
                tail.iter().map(|name| Step::Member { name: name.clone(), nth: 0 }).collect();
            let last = tail.last().map_or("", String::as_str);
            if get(&root, &path).is_none() {
                insert(&mut root, &path, Value::from(self.words.value(last, index)));
            }
        }
        (!tails.is_empty()).then_some(root)
    }

    fn seed(&self, name: &str, mut request: HttpRequest) -> Seed {
        if self.source.is_authorizer() {
            self.identify(&mut request);
        }
        let gated = |name: &str| self.words.gate(name).is_some();
        let mut gates = Vec::new();
        for locator in crate::wire::Leaves::locators(&request, self.source) {
            let closed = match &locator {
                Locator::Query { name, .. }
                | Locator::Header { name, .. }
                | Locator::Cookie { name, .. }
                | Locator::PathParameter { name, .. } => gated(name),
                Locator::Body { path } => match path.0.last() {
                    Some(Step::Member { name, .. }) => gated(name) || multipart::is_framing(path),
                    _ => false,
                },
                _ => false,
            };
            if closed {
                gates.push(locator);
            }
        }
        Seed { name: name.to_owned(), source: self.source, wire: Wire::Http(request), gates }
    }
}

fn json(document: Value) -> Option<Node> {
    Some(Node::json(Node::from(document)))
}

#[cfg(test)]
mod tests;
