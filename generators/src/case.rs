//! Test cases: a seed event and the edits made to it.
//!
//! Rendering is total: an edit that has lost its place, or that AWS would refuse, changes
//! nothing. So edits can be dropped, reordered and spliced freely.

mod draft;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    edit::{Edit, Frame, PayloadId},
    grade,
    nonce::{Nonce, NonceSource},
    payload::Payload,
    point::{InjectionPoint, Locator},
    source::EventSource,
    wire::{Wire, doc::Doc, facts},
};
use draft::Draft;

pub use crate::point::NotPlanted;

/// A valid event, as what its sender does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seed {
    /// Name within its event source: `post-json`.
    pub name: String,
    /// Who delivers it.
    pub source: EventSource,
    /// What the sender does.
    pub wire: Wire,
    /// Points that hold a text which the function compares with: planting there would close the
    /// way to the rest, so these points are [`Role::Routing`](crate::point::Role).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<Locator>,
}

impl Seed {
    /// A seed without gates.
    pub fn new(name: &str, source: EventSource, wire: Wire) -> Seed {
        Seed { name: name.to_owned(), source, wire, gates: Vec::new() }
    }

    /// The event without any edit.
    pub fn event(&self) -> Value {
        self.wire.render(self.source)
    }
}

/// A seed event and what was changed in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestCase {
    /// The valid event. Many test cases have the same one.
    pub seed: Arc<Seed>,
    /// The changes. Plants are made after all others, and raw edits after those, each group in order.
    pub edits: Vec<Edit>,
}

/// A test case as the function gets it.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    /// The event.
    pub event: Value,
    /// Its JSON.
    pub bytes: Vec<u8>,
    /// The payloads that are in it.
    pub planted: Vec<Planted>,
}

/// What is delivered to the function.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// The JSON of the event.
    pub bytes: Vec<u8>,
    /// The payloads that are in it.
    pub planted: Vec<Planted>,
}

/// A payload in an event.
#[derive(Clone, Debug, PartialEq)]
pub struct Planted {
    /// Where it is.
    pub point: InjectionPoint,
    /// Which payload.
    pub payload: &'static Payload,
    /// Its nonce.
    pub nonce: Nonce,
    /// Its text before any encoding, without the frame.
    pub text: String,
}

impl TestCase {
    /// The seed event itself.
    pub fn new(seed: impl Into<Arc<Seed>>) -> TestCase {
        TestCase { seed: seed.into(), edits: Vec::new() }
    }

    /// The injection points in stable order: data first, routing last.
    ///
    /// Plants do not count as edits here: they add no points and take none away.
    pub fn points(&self) -> Vec<InjectionPoint> {
        let mut points = self.edited().points(self.seed.source);
        points.iter_mut().for_each(|point| self.mark_gate(point));
        points.sort_by_key(|point| point.role);
        points
    }

    /// The event, its bytes and what is planted in it.
    pub fn render(&self) -> Rendered {
        self.rendered(|event, planted| {
            let bytes = event.to_bytes();
            Rendered { event: event.into_value(), bytes, planted }
        })
    }

    /// What of [`TestCase::render`] is delivered: in about half the time.
    pub fn sent(&self) -> Sent {
        self.rendered(|event, planted| Sent { bytes: event.to_bytes(), planted })
    }

    /// Renders the event, which borrows from a draft, for `take`.
    fn rendered<T>(&self, take: impl FnOnce(Doc<'_>, Vec<Planted>) -> T) -> T {
        let mut draft = self.draft();
        let planted = self.plant_edits(&mut draft);
        let raw = self.raw_edits();
        let changed = if raw.is_empty() { None } else { grade::change(self.seed.source, draft.wire(), &raw) };
        let is_sent = changed.as_ref().is_none_or(|it| it.wire.is_some());
        let mut event = match changed {
            Some(changed) if is_sent => Doc::from(changed.event),
            _ => draft.wire().doc(self.seed.source),
        };
        let is_free =
            matches!(self.seed.source, EventSource::Direct | EventSource::Iot | EventSource::StepFunctions);
        if !is_free {
            // A function that handles each id once would pass over all but the first of equal ones.
            // What is delivered decides the ids, so a test case always renders to the same event.
            let mut salt = facts::fingerprint(&event);
            if !is_sent {
                // Raw edits are not yet made here, and tell events apart too.
                let made = raw.iter().map(|edit| Doc::from(edit.to_string()));
                salt = facts::fingerprint(&Doc::List(std::iter::once(Doc::from(salt)).chain(made).collect()));
            }
            if raw.is_empty() && draft.wire().nests(self.seed.source) {
                draft.renew_nested(salt);
                event = draft.wire().doc(self.seed.source);
            }
            facts::renew(&mut event, salt);
        }
        if !is_sent {
            // Last, so that an id can be what is changed.
            let mut changed = event.into_value();
            for edit in raw {
                edit.apply(&mut changed);
            }
            event = Doc::from(changed);
        }
        take(event, planted)
    }

    /// Makes the plants, after all other edits. Returns those that are in the event then.
    fn plant_edits<'c>(&'c self, draft: &mut Draft<'c>) -> Vec<Planted> {
        let mut planted: Vec<Planted> = Vec::new();
        for edit in &self.edits {
            let Edit::Plant { at, payload, frame, nonce } = edit else {
                continue;
            };
            let Some(payload) = payload.resolve() else {
                continue;
            };
            let Ok(point) = draft.plant(at, payload, frame, nonce) else {
                continue;
            };
            let text = payload.text(nonce);
            if !at.is_name() {
                // All of a text takes with it what was planted in it.
                planted.retain(|earlier| !at.covers(&earlier.point.locator));
            }
            planted.push(Planted { point, payload, nonce: nonce.clone(), text });
        }
        // Another content type gives the body another codec: the way to a point is that of the event.
        for it in &mut planted {
            if let Some(path) = draft.wire().way(self.seed.source, &it.point.locator) {
                it.point.path = path;
            }
            self.mark_gate(&mut it.point);
        }
        planted
    }

    /// This test case with one more payload.
    pub fn plant(
        &self,
        at: &Locator,
        payload: &'static Payload,
        frame: Frame,
        nonce: Nonce,
    ) -> Result<TestCase, NotPlanted> {
        let (case, mut refused) = self.plant_all(&[(at.clone(), payload, frame, nonce)]);
        match refused.pop() {
            Some((_, reason)) => Err(reason),
            None => Ok(case),
        }
    }

    /// This test case with all these payloads but those that cannot be sent.
    pub fn plant_all(
        &self,
        targets: &[(Locator, &'static Payload, Frame, Nonce)],
    ) -> (TestCase, Vec<(Locator, NotPlanted)>) {
        let mut case = self.clone();
        let wire = self.wire();
        let mut draft = Draft::new(&wire, self.seed.source);
        let mut refused = Vec::new();
        for (at, payload, frame, nonce) in targets {
            match draft.plant(at, payload, frame, nonce) {
                Ok(_) => case.edits.push(Edit::Plant {
                    at: at.clone(),
                    payload: PayloadId::from(*payload),
                    frame: frame.clone(),
                    nonce: nonce.clone(),
                }),
                Err(reason) => refused.push((at.clone(), reason)),
            }
        }
        (case, refused)
    }

    /// This test case with another text at a leaf. `None` if it cannot be sent there.
    pub fn with_text(&self, at: &Locator, text: impl Into<String>) -> Option<TestCase> {
        self.with(Edit::SetText { at: at.clone(), text: text.into() })
    }

    /// This test case with one more edit. `None` if it cannot be made, or nobody could send what it makes.
    pub fn with(&self, edit: Edit) -> Option<TestCase> {
        let made = self.draft().apply(&edit);
        made.then(|| {
            let mut case = self.clone();
            case.edits.push(edit);
            case
        })
    }

    /// The same test case, every nonce replaced.
    pub fn with_fresh_nonces(&self, nonces: &mut NonceSource) -> TestCase {
        let mut case = self.clone();
        for edit in &mut case.edits {
            if let Edit::Plant { nonce, .. } = edit {
                *nonce = nonces.take();
            }
        }
        case
    }

    /// The benign counterpart: every payload replaced by text of its kind that does nothing.
    pub fn twin(&self) -> TestCase {
        let (plants, mut edits): (Vec<Edit>, Vec<Edit>) =
            self.edits.iter().cloned().partition(|edit| matches!(edit, Edit::Plant { .. }));
        for plant in plants {
            let Edit::Plant { at, payload, frame, nonce } = plant else {
                continue;
            };
            let Some(payload) = payload.resolve() else {
                continue;
            };
            edits.push(Edit::SetText { at, text: frame.around(&payload.twin(&nonce)) });
        }
        TestCase { seed: self.seed.clone(), edits }
    }

    /// The nonces of all plants, sent or not.
    pub fn nonces(&self) -> Vec<&Nonce> {
        let plants = self.edits.iter().filter_map(|edit| match edit {
            Edit::Plant { nonce, .. } => Some(nonce),
            _ => None,
        });
        plants.collect()
    }

    /// What the sender does after all edits but the plants.
    pub(crate) fn edited(&self) -> Wire {
        self.draft().finish()
    }

    fn draft(&self) -> Draft<'_> {
        let mut draft = Draft::new(&self.seed.wire, self.seed.source);
        for edit in &self.edits {
            draft.apply(edit);
        }
        draft
    }

    /// What the sender does after all edits, plants included.
    pub fn wire(&self) -> Wire {
        let mut draft = self.draft();
        for edit in &self.edits {
            let Edit::Plant { at, payload, frame, nonce } = edit else {
                continue;
            };
            let Some(payload) = payload.resolve() else {
                continue;
            };
            // A refusal is what `render` reports too: the payload is not in `planted`.
            let _ = draft.plant(at, payload, frame, nonce);
        }
        draft.finish()
    }

    fn mark_gate(&self, point: &mut InjectionPoint) {
        if self.seed.gates.contains(&point.locator) {
            point.role = crate::point::Role::Routing;
        }
    }
}

/// Makes an edit that is not a plant, if it can be made and AWS would accept the result.
pub(crate) fn apply(wire: &mut Wire, source: EventSource, edit: &Edit) -> bool {
    let mut draft = Draft::new(wire, source);
    let made = draft.apply(edit);
    if made {
        *wire = draft.finish();
    }
    made
}

#[cfg(test)]
pub(crate) mod tests;
