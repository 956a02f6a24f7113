//! Seed connections and messages of a WebSocket API.

use serde_json::Value;

use super::{Maker, json};
use crate::{
    case::Seed,
    seeds::words::{Shape, Words, word},
    source::EventSource,
    tree::Node,
    wire::{
        Wire,
        http::{Act, HttpRequest},
    },
};

/// Routes of messages beyond the first.
const MAX_ROUTES: usize = 4;

/// The smallest message.
pub(super) fn bare() -> Seed {
    let message = HttpRequest::message("$default", Node::text(&word(0)));
    Seed::new("bare", EventSource::WebSocket, Wire::Http(message))
}

impl Maker<'_> {
    /// Messages first: nearly all that a function does is in them.
    pub(super) fn connections(&self) -> Vec<Seed> {
        let routes = self.keys();
        let first = routes.first().map(String::as_str);
        let words = &self.words;
        let tails = self.body_tails();
        let mut seeds = Vec::new();
        if let Some(typed) = words.typed_object(&["body"]) {
            seeds.push(self.message("message-typed", words, first, typed));
        }
        seeds.push(self.message("message", words, first, words.object(&tails, Shape::Flat)));
        for (index, route) in routes.iter().enumerate().skip(1).take(MAX_ROUTES) {
            let content = words.object(&tails, Shape::Flat);
            seeds.push(self.message(&format!("route-{}", index + 1), words, Some(route), content));
        }
        seeds.push(self.connect());
        let mut closed = HttpRequest::get("/");
        closed.act = Act::Disconnect;
        closed.route = "$default".to_owned();
        closed.api.authorizer = self.authorizer().map(Node::from);
        seeds.push(Seed::new("disconnect", self.source, Wire::Http(closed)));
        seeds.push(self.message("message-objects", words, first, words.object(&tails, Shape::Objects)));
        for variant in 1..=2 {
            if let Some(words) = words.variant(variant) {
                let content = words.object(&tails, Shape::Flat);
                seeds.push(self.message(&format!("gates-{}", variant + 1), &words, first, content));
            }
        }
        seeds.push(self.message("message-arrays", words, first, words.object(&tails, Shape::Arrays)));
        seeds
    }

    /// A connection, with the query and headers that the function reads.
    pub(super) fn connect(&self) -> Seed {
        let mut request = self.dressed(HttpRequest::get("/"));
        request.act = Act::Connect;
        request.route = "$default".to_owned();
        request.query = self.known_query();
        self.seed("connect", request)
    }

    /// The route keys that the function knows.
    fn keys(&self) -> Vec<String> {
        let pairs = self.words.lexicon.pairs().iter();
        let mut keys: Vec<String> = Vec::new();
        for (_, literal) in pairs.filter(|(name, _)| name == "routeKey") {
            if !literal.starts_with('$') && !literal.contains([' ', '/']) && !keys.contains(literal) {
                keys.push(literal.clone());
            }
        }
        keys
    }

    fn message(&self, name: &str, words: &Words<'_>, route: Option<&str>, mut content: Value) -> Seed {
        // A function that looks at the action itself has all messages from one route.
        if let (Some(route), Some(members)) = (route, content.as_object_mut()) {
            members.insert("action".to_owned(), Value::from(route));
        }
        let route = route.unwrap_or("$default");
        let mut request = HttpRequest::message(route, json(content).expect("JSON was made"));
        request.api.authorizer = self.authorizer().map(Node::from);
        request.api.stage_variables = self.copied(&["stageVariables"]);
        let maker = Maker { source: self.source, words: *words };
        maker.seed(name, request)
    }
}
