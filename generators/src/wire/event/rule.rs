//! Rules: which places of an event a sender controls, and what he can say there.

use crate::{
    point::{Charset, Control, Path, Role},
    tree::Step,
    wire::MAX_EVENT_BYTES,
};

/// What a sender controls in the events of one source.
#[derive(Clone)]
pub(crate) struct Rule {
    /// Where: `*` is any member or element, `**` everything below; a codec is reached through.
    pub(super) place: Path,
    pub(super) control: Control,
    pub(super) charset: Charset,
    /// How many bytes the text there has at most, with all that is in it.
    pub(super) max_bytes: usize,
    pub(super) role: Role,
    pub(super) spelling: Spelling,
    pub(super) freedom: Freedom,
}

/// How an event spells what a sender says at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As it is said, or as the codecs of the place have it.
    AsIs,
    /// As S3 encodes keys, which is nearly what a form does. The text is decoded while it is edited: see [`Sender::said`](super::Sender::said).
    Form,
}

/// What a sender decides at the place of a rule, besides what a text there says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freedom {
    /// All that JSON can be. That something is there at all is AWS's doing, but for what is below a `**`.
    Json,
    /// Nothing: somebody else's schema says what is there, so texts stay texts.
    Texts,
    /// The names of the members that `*` stands for, the last step of the place. Each is a text.
    Names {
        /// Of the names.
        charset: Charset,
        /// Of a name.
        max_bytes: usize,
    },
}

impl Rule {
    /// Any text that a sender chooses.
    pub(super) fn new(place: &str, charset: Charset, max_bytes: usize) -> Rule {
        Rule {
            place: Path::from(place.to_owned()),
            control: Control::Attacker,
            charset,
            max_bytes,
            role: Role::Data,
            spelling: Spelling::AsIs,
            freedom: Freedom::Json,
        }
    }

    /// A text that no sender chooses, though a later rule would say so.
    pub(super) fn fixed(place: &str) -> Rule {
        Rule { control: Control::Aws, ..Rule::new(place, Charset::Any, MAX_EVENT_BYTES) }
    }

    pub(super) fn form(self) -> Rule {
        Rule { spelling: Spelling::Form, ..self }
    }

    /// The object of which everything is a sender's; the limit is then one for all of it.
    pub(super) fn whole(&self) -> Option<&[Step]> {
        match self.place.0.as_slice() {
            [parents @ .., Step::Member { name, .. }] if name == "**" && !parents.is_empty() => Some(parents),
            _ => None,
        }
    }

    pub(super) fn texts(self) -> Rule {
        Rule { freedom: Freedom::Texts, ..self }
    }

    pub(super) fn names(self, charset: Charset, max_bytes: usize) -> Rule {
        Rule { freedom: Freedom::Names { charset, max_bytes }, ..self }
    }

    pub(super) fn conditional(self) -> Rule {
        Rule { control: Control::Conditional, ..self }
    }

    pub(super) fn routing(self) -> Rule {
        Rule { role: Role::Routing, ..self }
    }
}

/// What is left of `path` behind `place`. `None` if it is not there.
pub(super) fn inside<'p>(place: &[Step], path: &'p [Step]) -> Option<&'p [Step]> {
    let mut rest = path;
    for wanted in place {
        if matches!(wanted, Step::Member { name, .. } if name == "**") {
            let end = rest.iter().position(|it| matches!(it, Step::Open(_))).unwrap_or(rest.len());
            return Some(&rest[end..]);
        }
        let (step, behind) = rest.split_first()?;
        let fits = match wanted {
            Step::Member { name, .. } if name == "*" => !matches!(step, Step::Open(_)),
            wanted => wanted == step,
        };
        if !fits {
            return None;
        }
        rest = behind;
    }
    let at_end = rest.first().is_none_or(|step| matches!(step, Step::Open(_)));
    at_end.then_some(rest)
}
