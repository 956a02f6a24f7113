//! Events for anyone's property tests: strategies of [`proptest`], one per event source.
//!
//! ```
//! use evfuzz_generators::sqs;
//! use proptest::prelude::*;
//!
//! /// The function under test.
//! fn handler(event: &serde_json::Value) -> Result<(), String> {
//!     for record in event["Records"].as_array().ok_or("no records")? {
//!         record["body"].as_str().ok_or("no body")?;
//!     }
//!     Ok(())
//! }
//!
//! proptest! {
//!     # #![proptest_config(ProptestConfig::with_cases(16))]
//!     // #[test]
//!     fn handler_never_fails(event in sqs()) {
//!         prop_assert_eq!(handler(event.value()), Ok(()));
//!     }
//! }
//! # handler_never_fails();
//! ```
//!
//! Every event is one that AWS could deliver: it is rendered from what a sender does, so checksums and decoded copies agree
//! with the rest, and only what a sender controls is mutated. A failure shrinks to the few edits that cause it, on an event
//! that holds little else, and its `Debug` says what was planted where.
//!
//! Payloads carry a nonce and do nothing but show that they worked, so a test can look where they must not arrive:
//!
//! ```
//! use evfuzz_generators::{api_gateway_http, payload::PayloadClass};
//! use proptest::prelude::*;
//!
//! /// A function that builds a command line, and quotes what it puts there.
//! fn command_line(event: &serde_json::Value) -> String {
//!     let name = event["queryStringParameters"]["name"].as_str().unwrap_or("world");
//!     format!("greet '{}'", name.replace('\'', "'\\''"))
//! }
//!
//! let given = serde_json::json!({
//!     "version": "2.0",
//!     "rawPath": "/greet",
//!     "queryStringParameters": { "name": "Ada" },
//!     "requestContext": { "http": { "method": "GET", "path": "/greet" } },
//! });
//! let events = api_gateway_http().classes(&[PayloadClass::ShellCommand]).only(&given).unwrap();
//! proptest!(ProptestConfig::with_cases(64), |(event in events)| {
//!     let line = command_line(event.value());
//!     // Outside of quotes nothing but the program is left.
//!     let outside: String = line.replace("'\\''", "").split('\'').step_by(2).collect();
//!     prop_assert_eq!(outside.trim(), "greet");
//! });
//! ```

mod sources;

use std::{cell::OnceCell, collections::VecDeque, fmt, rc::Rc, sync::Arc};

use proptest::{
    prelude::Rng,
    strategy::{NewTree, Strategy, ValueTree},
    test_runner::TestRunner,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;

use crate::{
    case::{Planted, Rendered, Seed, TestCase},
    dictionary::Dictionary,
    edit::Edit,
    lexicon::Lexicon,
    mutate::{Material, Scripts},
    nonce::NonceSource,
    payload::{Payload, PayloadClass},
    pool::Pool,
    reduce::reductions,
    seeds::seeds,
    source::EventSource,
    values::Values,
    wire::Wire,
};

pub use sources::*;

/// One event in this many is a valid one without any edit.
const PLAIN_IN: u32 = 8;

/// One event, and how it came about.
#[derive(Clone, PartialEq)]
pub struct Event {
    case: TestCase,
    rendered: Rendered,
}

impl Event {
    fn new(case: TestCase) -> Event {
        let rendered = case.render();
        Event { case, rendered }
    }

    /// The event, as a handler gets it.
    pub fn value(&self) -> &Value {
        &self.rendered.event
    }

    /// The same, without a copy.
    pub fn into_value(self) -> Value {
        self.rendered.event
    }

    /// Its JSON, as a runtime gets it.
    pub fn bytes(&self) -> &[u8] {
        &self.rendered.bytes
    }

    /// The event as a type, such as `SqsEvent` of the crate `aws_lambda_events`.
    ///
    /// # Errors
    ///
    /// Returns serde's error if the type does not take the event.
    ///
    /// ```
    /// use evfuzz_generators::sqs;
    /// use proptest::{strategy::{Strategy, ValueTree}, test_runner::TestRunner};
    ///
    /// #[derive(serde::Deserialize)]
    /// #[allow(non_snake_case)]
    /// struct Batch {
    ///     Records: Vec<serde_json::Value>,
    /// }
    ///
    /// let event = sqs().new_tree(&mut TestRunner::deterministic()).unwrap().current();
    /// assert!(!event.parse::<Batch>().unwrap().Records.is_empty());
    /// ```
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.rendered.bytes)
    }

    /// The payloads that are in it, each with its place and its nonce: look for the nonce where it must not show.
    pub fn planted(&self) -> &[Planted] {
        &self.rendered.planted
    }

    /// Who delivers it.
    pub fn source(&self) -> EventSource {
        self.case.seed.source
    }

    /// The valid event that it was made from, and what was changed in it: can be stored as JSON, and rendered again.
    pub fn case(&self) -> &TestCase {
        &self.case
    }
}

/// For the message of a failed test: what was planted and changed, then the event.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} event", self.source().id())?;
        for planted in self.planted() {
            write!(f, "\n  planted {} at {}: {:?}", planted.payload.id, planted.point, planted.text)?;
        }
        for edit in self.case.edits.iter().filter(|edit| !matches!(edit, Edit::Plant { .. })) {
            write!(f, "\n  {edit:?}")?;
        }
        write!(f, "\n  {}", self.value())
    }
}

/// An event that its source would not send: it lacks what every event of that source has.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("this is no event of {}", source_of.title())]
pub struct NotOfSource {
    /// The event source that was asked for.
    pub source_of: EventSource,
}

/// Events of one source: a [`Strategy`]. Made by [`events`] and by the functions that are named after sources.
#[derive(Clone)]
pub struct Events {
    source: EventSource,
    classes: Vec<PayloadClass>,
    lexicon: Lexicon,
    dictionary: Dictionary,
    values: Values,
    given: Vec<Seed>,
    own: Own,
    /// Made when the first event is asked for.
    bases: OnceCell<Rc<Vec<Base>>>,
}

/// Whether events are made from valid events of ours, beside those of the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Own {
    Used,
    LeftOut,
}

/// A valid event, and the scripts that change it.
struct Base {
    seed: Arc<Seed>,
    scripts: Scripts,
}

/// Events of any source.
///
/// ```
/// use evfuzz_generators::{events, source::EventSource};
/// use proptest::prelude::*;
///
/// for source in EventSource::ALL {
///     proptest!(ProptestConfig::with_cases(4), |(event in events(source))| {
///         prop_assert_eq!(event.source(), source);
///     });
/// }
/// ```
pub fn events(source: EventSource) -> Events {
    Events {
        source,
        classes: PayloadClass::ALL.to_vec(),
        lexicon: Lexicon::default(),
        dictionary: Dictionary::new(),
        values: Values::new(),
        given: Vec::new(),
        own: Own::Used,
        bases: OnceCell::new(),
    }
}

impl Events {
    /// Payloads of these classes only; of none, and events hold no payloads, but are mutated all the same.
    ///
    /// ```
    /// use evfuzz_generators::s3;
    /// use proptest::prelude::*;
    ///
    /// proptest!(ProptestConfig::with_cases(16), |(event in s3().classes(&[]))| {
    ///     prop_assert!(event.planted().is_empty());
    /// });
    /// ```
    pub fn classes(self, classes: &[PayloadClass]) -> Events {
        Events { classes: classes.to_vec(), bases: OnceCell::new(), ..self }
    }

    /// Names and constants of the function under test: its events hold what it looks for.
    ///
    /// ```
    /// use evfuzz_generators::{direct, lexicon::{Lexicon, SourceFile}};
    /// use proptest::prelude::*;
    ///
    /// let code = b"def handler(event, context): return event['order']['id']";
    /// let lexicon = Lexicon::learn(&[SourceFile { name: "app.py", content: code }]);
    /// let orders = direct().lexicon(lexicon).prop_filter("an order", |it| !it.value()["order"]["id"].is_null());
    /// proptest!(ProptestConfig::with_cases(8), |(event in orders)| {
    ///     prop_assert!(event.value()["order"].is_object());
    /// });
    /// ```
    pub fn lexicon(self, lexicon: Lexicon) -> Events {
        Events { lexicon, bases: OnceCell::new(), ..self }
    }

    /// Words to try in texts and names.
    pub fn dictionary(self, dictionary: Dictionary) -> Events {
        Events { dictionary, bases: OnceCell::new(), ..self }
    }

    /// Values to try at places.
    pub fn values(self, values: Values) -> Events {
        Events { values, bases: OnceCell::new(), ..self }
    }

    /// One more valid event to start from, as a console or a log shows it.
    ///
    /// # Errors
    ///
    /// Returns [`NotOfSource`] if the source does not send such events.
    pub fn event(mut self, event: &Value) -> Result<Events, NotOfSource> {
        let wire = Wire::parse(self.source, event).ok_or(NotOfSource { source_of: self.source })?;
        self.given.push(Seed::new(&format!("given-{}", self.given.len() + 1), self.source, wire));
        Ok(Events { bases: OnceCell::new(), ..self })
    }

    /// As [`Events::event`], and nothing is made from events other than those that were given.
    ///
    /// # Errors
    ///
    /// Returns [`NotOfSource`] if the source does not send such events.
    pub fn only(self, event: &Value) -> Result<Events, NotOfSource> {
        Ok(Events { own: Own::LeftOut, ..self.event(event)? })
    }

    fn bases(&self) -> &Rc<Vec<Base>> {
        self.bases.get_or_init(|| {
            let own = match self.own {
                Own::Used => seeds(self.source, &self.lexicon),
                Own::LeftOut => Vec::new(),
            };
            let known = [self.given.clone(), own].concat();
            let all = [self.values.seeds(self.source, &known), known].concat();
            let mut pool = Pool::new();
            for seed in &all {
                pool.learn(seed);
            }
            let material = Material {
                lexicon: &self.lexicon,
                classes: &self.classes,
                dictionary: &self.dictionary,
                values: &self.values,
                pool: &pool,
            };
            let base = |seed: Seed| {
                let seed = Arc::new(seed);
                let points = TestCase::new(seed.clone()).points();
                Base { scripts: material.edit_script(&seed, &points), seed }
            };
            Rc::new(all.into_iter().map(base).collect())
        })
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "events of {}", self.source.title())
    }
}

impl Strategy for Events {
    type Tree = EventTree;
    type Value = Event;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Events> {
        let bases = self.bases();
        // There is a valid event for every source.
        let index = runner.rng().next_u32() as usize % bases.len().max(1);
        let base = bases.get(index).ok_or("no valid event")?;
        let mut nonces = NonceSource::new(runner.rng().next_u64());
        let mut case = TestCase::new(base.seed.clone());
        if !runner.rng().next_u32().is_multiple_of(PLAIN_IN) {
            let templates = base.scripts.new_tree(runner)?.current();
            case.edits = templates.into_iter().map(|it| it.with_nonce(&mut nonces)).collect();
        }
        Ok(EventTree::new(case))
    }
}

/// How a failing event becomes simpler: edits are dropped, then all parts of the event that it fails without. It never
/// becomes one that AWS would not deliver.
#[derive(Clone, Debug)]
pub struct EventTree {
    current: Event,
    /// The simplest event that failed.
    failing: Event,
    /// What is simpler, boldest first.
    simpler: VecDeque<TestCase>,
}

impl EventTree {
    fn new(case: TestCase) -> EventTree {
        let current = Event::new(case);
        EventTree { failing: current.clone(), current, simpler: VecDeque::new() }
    }

    fn next(&mut self) -> bool {
        let next = self.simpler.pop_front();
        let is_there = next.is_some();
        if let Some(case) = next {
            self.current = Event::new(case);
        }
        is_there
    }
}

impl ValueTree for EventTree {
    type Value = Event;

    fn current(&self) -> Event {
        self.current.clone()
    }

    fn simplify(&mut self) -> bool {
        self.failing = self.current.clone();
        let size = size(&self.failing);
        self.simpler = reductions(&self.failing.case, &[]).into();
        // Each step is smaller than the last, so there is an end.
        self.simpler.retain(|case| self::size(&Event::new(case.clone())) < size);
        self.next()
    }

    fn complicate(&mut self) -> bool {
        if self.next() {
            return true;
        }
        self.current = self.failing.clone();
        false
    }
}

/// Fewer edits first, then payloads that people know, then less of an event.
fn size(event: &Event) -> (usize, usize, usize, usize) {
    let edits = serde_json::to_string(&event.case.edits).map_or(usize::MAX, |it| it.len());
    let rare =
        event.planted().iter().filter(|it| *it.payload != *Payload::canonical(it.payload.class)).count();
    (event.case.edits.len(), rare, event.bytes().len(), edits)
}

#[cfg(test)]
mod tests;
