//! Methods, routes and paths that a function knows.

use super::Maker;
use crate::{
    seeds::words::word,
    wire::http::{HttpRequest, METHODS},
};

/// More path parameters than this are no plausible route.
const MAX_PARAMETERS: usize = 6;

/// A route in the code.
#[derive(Clone, Default)]
struct Known {
    /// The method that the code names with it.
    method: Option<String>,
    /// As API Gateway writes it.
    route: String,
    /// A path that gets through the code's own pattern.
    path: Option<String>,
}

impl Maker<'_> {
    /// A request whose method, route and path the function knows.
    pub(super) fn routed(&self, method: &str, which: usize) -> HttpRequest {
        let learnt = self.words.lexicon.methods();
        let alike = |it: &&String| without_body(it) == without_body(method);
        let method = match learnt.iter().filter(alike).find(|it| it.as_str() == method) {
            Some(method) if which == 0 => method,
            _ => learnt.iter().filter(alike).nth(which).map_or(method, String::as_str),
        };
        let routes = self.routes(method);
        let fitting = which.min(routes.len().saturating_sub(1));
        self.directed(method, &routes.get(fitting).cloned().unwrap_or_default())
    }

    /// A request on every route with every method, likely ones first.
    pub(super) fn every_route(&self) -> Vec<HttpRequest> {
        let mut requests: Vec<HttpRequest> = Vec::new();
        for method in self.methods() {
            for known in self.routes(&method) {
                requests.push(self.directed(&method, &known));
            }
        }
        // What the code says in full is no guess.
        let named = |request: &HttpRequest| {
            let literal = |it: &&String| it.split_once(' ').is_some_and(|it| it.0 == request.method);
            let mut literals = self.words.lexicon.literals().iter().filter(literal);
            literals.any(|it| it.split_once(' ').and_then(|it| template(it.1)) == Some(request.route.clone()))
        };
        requests.sort_by_key(|it| !named(it));
        requests
    }

    /// Methods that the function may take: those of its own, else by whether it reads a body.
    fn methods(&self) -> Vec<String> {
        let learnt = self.words.lexicon.methods();
        let default = |usual: &str| {
            let alike = |it: &&String| without_body(it) == without_body(usual);
            let fitting = learnt.iter().find(|it| it.as_str() == usual);
            fitting.or(learnt.iter().find(alike)).cloned()
        };
        let (get, post) = (default("GET"), default("POST"));
        let get = get.or(learnt.is_empty().then(|| "GET".to_owned()));
        let reads_body = self.words.lexicon.mentions("body");
        let post = post.or((learnt.is_empty() && reads_body).then(|| "POST".to_owned()));
        let mut methods = vec![get, post];
        if !self.body_tails().is_empty() {
            methods.reverse();
        }
        let mut methods: Vec<String> = methods.into_iter().flatten().collect();
        for method in learnt {
            if !methods.contains(method) {
                methods.push(method.clone());
            }
        }
        methods
    }

    fn directed(&self, method: &str, known: &Known) -> HttpRequest {
        let mut request = HttpRequest::get("/");
        request.method = method.to_owned();
        let route = known.route.clone();
        let mut parameters = self.words.known(&self.words.tails(&[&["pathParameters"]]));
        if parameters.is_empty() && self.words.lexicon.mentions("pathParameters") {
            parameters = self.words.names(&[]);
        }
        parameters.retain(|name| !name.contains(['/', '{', '}', '+']));
        parameters.truncate(MAX_PARAMETERS);
        if let Some(path) = &known.path {
            // A function that reads `proxy` sits behind the route that takes every path, and so does
            // one of which only whole paths are known: there the path is a point.
            let greedy = parameters == ["proxy"];
            request.route = match route.contains('{') {
                _ if greedy => "/{proxy+}".to_owned(),
                true => route,
                false => self.catch_all().to_owned(),
            };
            request.path.clone_from(path);
            return request;
        }
        let holes = route.split('/').filter(|it| it.starts_with('{')).count();
        request.route = if known.method.is_some() || holes > 0 {
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

    pub(super) fn catch_all(&self) -> &'static str {
        if super::is_rest(self.source) { "/{proxy+}" } else { "$default" }
    }

    /// Routes in the code that fit a method.
    fn routes(&self, method: &str) -> Vec<Known> {
        let lexicon = self.words.lexicon;
        let mut routes: Vec<Known> = Vec::new();
        let mut elsewhere = Vec::new();
        for literal in lexicon.literals() {
            let Some((verb, path)) = literal.split_once(' ') else {
                continue;
            };
            if path.starts_with('/') && METHODS.contains(&verb) {
                if verb != method {
                    elsewhere.push(path);
                } else if let Some(route) = template(path) {
                    routes.push(Known { method: Some(verb.to_owned()), route, path: None });
                }
            }
        }
        // Next those with parts that the sender chooses.
        let taken_apart = lexicon.routes().iter();
        let taken_apart =
            taken_apart.map(|it| Known { method: None, route: it.template(), path: Some(it.path()) });
        let free = lexicon.paths().iter().filter(|path| !elsewhere.contains(&path.as_str()));
        let folder = |path: &str| {
            path.ends_with('/') && lexicon.routes().iter().any(|it| it.template().starts_with(path))
        };
        let free = free.filter(|path| !folder(path)).filter_map(|path| template(path));
        let free = free.map(|route| Known { route, ..Known::default() });
        for known in taken_apart.chain(free) {
            if !routes.iter().any(|it| it.route == known.route) {
                routes.push(known);
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
                Some(name) => path.push_str(&self.parameter(name, index)),
                None => path.push_str(segment),
            }
        }
        path
    }
}

impl Maker<'_> {
    /// A segment of the path.
    fn parameter(&self, name: &str, index: usize) -> String {
        let text = self.words.text_at(&[&["pathParameters"]], name, index).to_text();
        // What is encoded would be damaged.
        let fits = |it: &String| !it.contains('/');
        Some(text).filter(fits).unwrap_or_else(|| self.words.value(name, index).replace('/', "-"))
    }
}

/// Whether requests with this method usually have no body.
pub(super) fn without_body(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "DELETE" | "OPTIONS")
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
