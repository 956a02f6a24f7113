//! A wire under change: edits are made in place, and one that AWS would refuse is taken back.
//!
//! A refusal is rare and known only after the change, so nothing is copied in advance: the draft begins anew from the seed and
//! repeats what was accepted.

use crate::{
    codec::Codec,
    edit::{Edit, Frame},
    nonce::Nonce,
    payload::{Form, Payload},
    point::{InjectionPoint, Locator, NotPlanted, Path},
    source::EventSource,
    tree::{Node, Step},
    wire::{MAX_EVENT_BYTES, Wire},
};

pub(crate) struct Draft<'a> {
    seed: &'a Wire,
    source: EventSource,
    wire: Wire,
    accepted: Vec<Change<'a>>,
}

enum Change<'a> {
    Edit(&'a Edit),
    Text(&'a Locator, String),
    Node(&'a Locator, Node),
}

impl<'a> Draft<'a> {
    pub(crate) fn new(seed: &'a Wire, source: EventSource) -> Draft<'a> {
        Draft { seed, source, wire: seed.clone(), accepted: Vec::new() }
    }

    pub(crate) fn wire(&self) -> &Wire {
        &self.wire
    }

    /// See [`Wire::renew_nested`]. The last change of a draft: it is not taken back.
    pub(crate) fn renew_nested(&mut self, salt: u64) {
        self.wire.renew_nested(self.source, salt);
    }

    pub(crate) fn finish(self) -> Wire {
        self.wire
    }

    /// Puts a payload at a point, if it can be sent there: a JSON value in a tree that holds values, else its text. With a
    /// frame it is a text everywhere: somebody may parse it once more.
    pub(crate) fn plant(
        &mut self,
        at: &'a Locator,
        payload: &Payload,
        frame: &Frame,
        nonce: &Nonce,
    ) -> Result<InjectionPoint, NotPlanted> {
        let text = frame.around(&payload.text(nonce));
        if payload.form == Form::Json && *frame == Frame::none() && at.holds_json(&self.wire) {
            let mut point = self.wire.point(self.source, at).ok_or(NotPlanted::Gone)?;
            point.check(&text)?;
            // Not opened: what is in it is ours.
            if let Some(node) = Codec::Json.decode(text.as_bytes())
                && self.put_node(at, node)
            {
                if let (Locator::Attribute { path, .. }, Some(item)) = (at, point.path.rfind('/'))
                    && !path.0.iter().any(|step| matches!(step, Step::Open(_)))
                {
                    // The type of an attribute is a part of its path: a map now.
                    point.path.replace_range(item.., "/M");
                }
                return Ok(point);
            }
        }
        self.put(at, text)
    }

    /// Puts a value in the place of another, if AWS would accept the result.
    fn put_node(&mut self, at: &'a Locator, node: Node) -> bool {
        if !self.wire.leaves().may_change(self.source, at) {
            return false;
        }
        let accepted = self.wire.leaves_mut().set_node(at, &node) && self.wire.leaves().sendable(self.source);
        match accepted {
            true => self.accepted.push(Change::Node(at, node)),
            false => self.take_back(),
        }
        accepted
    }

    /// Puts a text at a point, if it can be sent there.
    fn put(&mut self, at: &'a Locator, text: String) -> Result<InjectionPoint, NotPlanted> {
        let point = self.wire.point(self.source, at).ok_or(NotPlanted::Gone)?;
        point.check(&text)?;
        if !self.wire.leaves_mut().set(at, &text) {
            self.take_back();
            return Err(NotPlanted::Altered);
        }
        if !self.wire.leaves().sendable(self.source) {
            self.take_back();
            return Err(NotPlanted::TooLong { max_bytes: point.max_bytes });
        }
        self.accepted.push(Change::Text(at, text));
        Ok(point)
    }

    /// Makes an edit that is not a plant, if it can be made and AWS would accept the result.
    pub(crate) fn apply(&mut self, edit: &'a Edit) -> bool {
        if !self.allowed(edit) {
            return false;
        }
        let made = make(&mut self.wire, edit) && self.leaves_a_point(edit);
        let accepted = made && self.wire.leaves().sendable(self.source) && (!grows(edit) || self.fits());
        match accepted {
            true => self.accepted.push(Change::Edit(edit)),
            false => self.take_back(),
        }
        accepted
    }

    /// Whether a sender can make this change where the wire is now.
    fn allowed(&self, edit: &Edit) -> bool {
        match edit {
            Edit::Plant { .. } | Edit::Raw(_) => false,
            Edit::SetText { at, text } => match at {
                // The whole body can be replaced also where its leaves are the points.
                Locator::Body { path } | Locator::Message { path, .. } if *path == Path::root() => {
                    self.wire.leaves().may_change(self.source, at)
                }
                _ => self.wire.point(self.source, at).is_some_and(|point| point.check(text).is_ok()),
            },
            Edit::SetNode { at, .. } | Edit::Add { at, .. } | Edit::Remove { at } => {
                self.wire.leaves().may_change(self.source, at)
            }
            _ => true,
        }
    }

    /// Whether what was added is somewhere where it can be sent.
    fn leaves_a_point(&self, edit: &Edit) -> bool {
        match edit {
            Edit::Add { at, text } => {
                self.wire.point(self.source, at).is_some_and(|point| point.check(text).is_ok())
            }
            _ => true,
        }
    }

    fn fits(&self) -> bool {
        self.wire.leaves().most_bytes() <= MAX_EVENT_BYTES
            || self.wire.render(self.source).to_string().len() <= MAX_EVENT_BYTES
    }

    fn take_back(&mut self) {
        self.wire.clone_from(self.seed);
        for change in &self.accepted {
            match change {
                Change::Edit(edit) => make(&mut self.wire, edit),
                Change::Text(at, text) => self.wire.leaves_mut().set(at, text),
                Change::Node(at, node) => self.wire.leaves_mut().set_node(at, node),
            };
        }
    }
}

/// Makes an edit, whether or not a sender can. What it returns `false` for may be half made.
fn make(wire: &mut Wire, edit: &Edit) -> bool {
    let leaves = wire.leaves_mut();
    match edit {
        Edit::SetText { at, text } => leaves.set(at, text),
        Edit::Add { at, text } => leaves.add(at, text),
        Edit::SetNode { at, node } => leaves.set_node(at, node),
        Edit::Remove { at } => leaves.remove(at),
        edit => leaves.edit(edit),
    }
}

fn grows(edit: &Edit) -> bool {
    matches!(
        edit,
        Edit::SetText { .. } | Edit::SetNode { .. } | Edit::Add { .. } | Edit::DuplicateRecord { .. }
    )
}
