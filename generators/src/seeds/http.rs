//! Seed requests to an API.

use serde_json::Value;

use super::words::{Shape, Words, word};
use crate::{
    case::Seed,
    point::{Charset, JsonPath, Locator},
    source::EventSource,
    wire::{
        Wire,
        body::{Body, FORM},
        http::{HttpRequest, METHODS},
        json::{self, Step},
    },
};

/// More headers and path parameters than this are no plausible request.
const MAX_PARAMETERS: usize = 6;

pub(super) fn seeds(source: EventSource, words: &Words<'_>) -> Vec<Seed> {
    let maker = Maker { source, words: *words };
    let mut seeds = vec![maker.get(), maker.post("post-json", Shape::Flat)];
    // A function that reads a body and no query is asked for that first.
    if words.tails(&[&["queryStringParameters"]]).is_empty() && !maker.body_tails().is_empty() {
        seeds.swap(0, 1);
    }
    for variant in 1..=2 {
        if let Some(words) = words.variant(variant) {
            seeds.push(Maker { source, words }.everything(&format!("gates-{}", variant + 1)));
        }
    }
    seeds.push(maker.post("post-json-objects", Shape::Objects));
    seeds.push(maker.form());
    seeds.push(maker.text());
    seeds.push(maker.post("post-json-arrays", Shape::Arrays));
    seeds.push(maker.post("post-json-lists", Shape::Lists));
    seeds
}

struct Maker<'a> {
    source: EventSource,
    words: Words<'a>,
}

impl<'a> Maker<'a> {
    fn body_tails(&self) -> Vec<&'a [String]> {
        self.words.tails(&[&["body"]])
    }

    fn query(&self) -> Vec<(String, String)> {
        let tails = self.words.tails(&[&["queryStringParameters"], &["multiValueQueryStringParameters"]]);
        self.words.pairs(&self.words.names(&tails))
    }

    fn get(&self) -> Seed {
        let mut request = self.request("GET", 0);
        request.query = self.query();
        self.seed("get-query", request)
    }

    fn post(&self, name: &str, shape: Shape) -> Seed {
        let mut request = self.request("POST", 0);
        request.headers.push(self.content_type("application/json"));
        request.body = Body::Json(self.words.object(&self.body_tails(), shape));
        self.seed(name, request)
    }

    /// A query and a body at once.
    fn everything(&self, name: &str) -> Seed {
        let mut request = self.request("POST", 1);
        request.headers.push(self.content_type("application/json"));
        request.body = Body::Json(self.words.object(&self.body_tails(), Shape::Flat));
        request.query = self.query();
        self.seed(name, request)
    }

    fn form(&self) -> Seed {
        let mut request = self.request("POST", 0);
        request.headers.push(self.content_type(FORM));
        request.body = Body::Form(self.words.pairs(&self.words.names(&self.body_tails())));
        self.seed("post-form", request)
    }

    fn text(&self) -> Seed {
        let mut request = self.request("POST", 0);
        request.headers.push(self.content_type("text/plain"));
        request.body = Body::Text(word(0));
        self.seed("post-text", request)
    }

    /// A request with everything but query and body.
    fn request(&self, method: &str, route: usize) -> HttpRequest {
        let mut request = self.routed(method, route);
        request.headers = vec![
            self.header("Accept", "*/*"),
            self.header("Accept-Encoding", "gzip, deflate, br"),
            self.header("Accept-Language", "en-US,en;q=0.9"),
            self.header("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:138.0)"),
        ];
        for (name, value) in self.words.pairs(&self.header_names()) {
            request.headers.retain(|(it, _)| !it.eq_ignore_ascii_case(&name));
            request.headers.push((name, value));
        }
        let cookies = self.words.tails(&[&["cookies"]]);
        let mentioned = ["cookie", "Cookie", "cookies"].map(|it| self.words.lexicon.mentions(it));
        if mentioned.contains(&true) {
            let mut names = self.words.names(&cookies);
            names.truncate(MAX_PARAMETERS);
            request.cookies = self.words.pairs(&names);
            request.cookies.retain(|(name, _)| Charset::HeaderName.refused(name).is_none());
        }
        request.api.authorizer = self.copied(&["requestContext", "authorizer"]);
        request.api.stage_variables = self.copied(&["stageVariables"]);
        request
    }

    /// An ordinary header. HTTP/2 clients send names in lower case, HTTP/1.1 clients as here:
    /// the function's own spelling decides which of them is its client.
    fn header(&self, name: &str, value: &str) -> (String, String) {
        let name = match self.words.lexicon.mentions(name) {
            true => name.to_owned(),
            false => name.to_ascii_lowercase(),
        };
        (name, value.to_owned())
    }

    fn content_type(&self, value: &str) -> (String, String) {
        self.header("Content-Type", value)
    }

    fn header_names(&self) -> Vec<&'a str> {
        let tails = self.words.tails(&[&["headers"], &["multiValueHeaders"]]);
        let mut names = self.words.known(&tails);
        if names.is_empty() && self.words.lexicon.mentions("headers") {
            // A name with a hyphen is hardly anything but a header.
            names = self.words.names(&[]).into_iter().filter(|name| name.contains('-')).collect();
        }
        names.retain(|name| {
            let lower = name.to_ascii_lowercase();
            let set_elsewhere = ["host", "cookie", "content-type", "content-length"];
            !set_elsewhere.contains(&&*lower)
                && !lower.starts_with("x-forwarded-")
                && !lower.starts_with("x-amzn-")
                && Charset::HeaderName.refused(name).is_none()
        });
        names.truncate(2 * MAX_PARAMETERS);
        names
    }

    /// Strings below `place`, as an authorizer or the configuration puts them there.
    fn copied(&self, place: &[&str]) -> Option<Value> {
        let tails = self.words.tails(&[place]);
        let mut root = Value::Null;
        for (index, tail) in tails.iter().enumerate() {
            let path: Vec<Step> = tail.iter().map(|name| Step::Member(name.clone())).collect();
            let last = tail.last().map_or("", String::as_str);
            if json::get(&root, &path).is_none() {
                json::insert(&mut root, &path, Value::from(self.words.value(last, index)));
            }
        }
        (!tails.is_empty()).then_some(root)
    }

    /// A request whose method, route and path the function knows.
    fn routed(&self, method: &str, which: usize) -> HttpRequest {
        let learnt = self.words.lexicon.methods();
        let without_body = |it: &str| matches!(it, "GET" | "HEAD" | "DELETE" | "OPTIONS");
        let alike = |it: &&String| without_body(it) == without_body(method);
        let method = match learnt.iter().filter(alike).find(|it| it.as_str() == method) {
            Some(method) if which == 0 => method,
            _ => learnt.iter().filter(alike).nth(which).map_or(method, String::as_str),
        };
        let routes = self.routes(method);
        let fitting = which.min(routes.len().saturating_sub(1));
        let (exact, route) = routes.get(fitting).cloned().unwrap_or((false, String::new()));
        let mut request = HttpRequest::get("/");
        request.method = method.to_owned();
        let holes = |route: &str| route.split('/').filter(|it| it.starts_with('{')).count();
        let mut parameters = self.words.known(&self.words.tails(&[&["pathParameters"]]));
        if parameters.is_empty() && self.words.lexicon.mentions("pathParameters") {
            parameters = self.words.names(&[]);
        }
        parameters.retain(|name| !name.contains(['/', '{', '}', '+']));
        parameters.truncate(MAX_PARAMETERS);
        request.route = if exact || holes(&route) > 0 {
            route
        } else if parameters == ["proxy"] {
            format!("{route}/{{proxy+}}")
        } else if !parameters.is_empty() {
            let segments: Vec<String> = parameters.iter().map(|it| format!("/{{{it}}}")).collect();
            format!("{route}{}", segments.concat())
        } else {
            // Nothing is known of the routes: the one that takes every path, and the path that
            // the function knows, if it knows one.
            request.path = if route.is_empty() { format!("/{}", word(0)) } else { route };
            return HttpRequest { route: self.catch_all().to_owned(), ..request };
        };
        request.path = self.filled(&request.route);
        request
    }

    fn catch_all(&self) -> &'static str {
        if self.source == EventSource::ApiGatewayHttp { "$default" } else { "/{proxy+}" }
    }

    /// Routes in the code that fit a method; `true` if the code names the method with them.
    fn routes(&self, method: &str) -> Vec<(bool, String)> {
        let lexicon = self.words.lexicon;
        let mut routes = Vec::new();
        let mut elsewhere = Vec::new();
        for literal in lexicon.literals() {
            let Some((verb, path)) = literal.split_once(' ') else {
                continue;
            };
            if path.starts_with('/') && METHODS.contains(&verb) {
                match verb == method {
                    true => routes.extend(template(path).map(|it| (true, it))),
                    false => elsewhere.push(path),
                }
            }
        }
        let free = lexicon.paths().iter().filter(|path| !elsewhere.contains(&path.as_str()));
        for route in free.filter_map(|path| template(path)) {
            if !routes.iter().any(|(_, it)| *it == route) {
                routes.push((false, route));
            }
        }
        routes
    }

    /// The path with every hole of the route filled.
    fn filled(&self, route: &str) -> String {
        let mut path = String::new();
        for (index, segment) in route.split('/').skip(1).enumerate() {
            let hole = segment.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
            let hole = hole.map(|it| it.strip_suffix('+').unwrap_or(it));
            path.push('/');
            match hole {
                Some(name) => path.push_str(&self.words.value(name, index).replace('/', "-")),
                None => path.push_str(segment),
            }
        }
        path
    }

    fn seed(&self, name: &str, request: HttpRequest) -> Seed {
        let gated = |name: &str| self.words.gate(name).is_some();
        let mut gates = Vec::new();
        for locator in crate::wire::Leaves::locators(&request, self.source) {
            let closed = match &locator {
                Locator::Query { name, .. }
                | Locator::Header { name, .. }
                | Locator::Cookie { name }
                | Locator::PathParameter { name }
                | Locator::BodyForm { name, .. } => gated(name),
                Locator::BodyJson { path: JsonPath(steps) } => match steps.last() {
                    Some(Step::Member(name)) => gated(name),
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

/// A literal as a route of API Gateway: `/a/:id`, `/a/<id>` and `/a/{id}` are the same. `None`
/// for patterns.
fn template(path: &str) -> Option<String> {
    if path.contains('*') || path.contains('$') {
        return None;
    }
    let segments: Vec<String> = path
        .split('/')
        .map(|segment| {
            let flask = segment.strip_prefix('<').and_then(|it| it.strip_suffix('>'));
            let flask = flask.map(|it| it.rsplit(':').next().unwrap_or(it));
            match segment.strip_prefix(':').or(flask) {
                Some(name) => format!("{{{name}}}"),
                None => segment.to_owned(),
            }
        })
        .collect();
    let route = segments.join("/");
    // `/items/` and `/items` are one route.
    Some(route.trim_end_matches('/').to_owned())
}
