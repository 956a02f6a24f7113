//! What the function's own helpers return: a place of the event, or a part of an argument.

use super::{
    super::reference::{Callback, Chain, Returned, Root},
    Walk,
};

/// Type tags of DynamoDB attributes: a helper that takes one off returns the same data.
const TAGS: [&str; 9] = ["S", "N", "B", "BOOL", "NULL", "SS", "NS", "L", "M"];

/// A function around this place.
pub(super) struct Body<'a> {
    pub(super) depth: usize,
    pub(super) name: &'a str,
    /// Where it begins and what it is called with, if it has no name and `map` or a relative calls it.
    pub(super) callback: Option<(usize, Chain)>,
    pub(super) parameters: Vec<&'a str>,
}

impl<'a> Walk<'_, 'a> {
    /// `return …` at `at`.
    pub(super) fn return_statement(&mut self, at: usize) {
        let depth = self.function_depth();
        let own = self.bodies.iter().rposition(|it| it.depth == depth);
        if let Some(own) = own.filter(|_| !self.sparse) {
            let body = self.bodies.swap_remove(own);
            self.returned(&body, at + 1);
            self.bodies.push(body);
        }
    }

    /// Learns from the expression at `start` what `body` returns. The first that is known counts.
    pub(super) fn returned(&mut self, body: &Body<'a>, start: usize) {
        if self.sparse || self.learnt.contains_key(body.name) {
            return;
        }
        let end = self.expression_end(start);
        let Some(mut chain) = self.references().value(start, end, &self.scope) else {
            return;
        };
        chain.many |= start.checked_sub(1).is_some_and(|it| self.tokens[it].is_word("yield"));
        if chain.root != Root::Event || chain.guessed {
            return;
        }
        if let Some((callback, element)) = &body.callback {
            let known = Callback { element: element.clone(), result: chain };
            self.learnt_callbacks.entry(*callback).or_insert(known);
            return;
        }
        let part = body.parameters.iter().enumerate().find_map(|(index, parameter)| {
            let whole = self.scope.get(parameter)?;
            let part = chain.keys.strip_prefix(whole.keys.as_slice())?;
            let layers = chain.layers.iter().skip(whole.layers.len());
            let layers =
                layers.filter_map(|(keys, codec)| Some((keys.checked_sub(whole.keys.len())?, *codec)));
            (whole.root == Root::Event).then(|| (index, part.to_vec(), layers.collect(), chain.part))
        });
        let returned = match part {
            Some((index, keys, layers, part)) => {
                let untags = !keys.is_empty() && keys.iter().all(|it| TAGS.contains(&it.as_str()));
                let (keys, layers) = if untags { Default::default() } else { (keys, layers) };
                Returned::Part { index, keys, layers, part, many: chain.many, untags }
            }
            None => Returned::Place(chain),
        };
        self.learnt.insert(body.name, returned);
    }

    /// With what a function is called. A helper that takes type tags off is called with
    /// everything: its parameter is no place of the event.
    pub(super) fn arguments(&self, name: Option<&'a str>) -> Vec<Option<Chain>> {
        let Some(name) = name else {
            return Vec::new();
        };
        if matches!(self.returns.get(name), Some(Returned::Part { untags: true, .. })) {
            return Vec::new();
        }
        self.seeds.get(name).cloned().unwrap_or_default()
    }
}
