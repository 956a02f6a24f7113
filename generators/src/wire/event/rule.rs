//! Rules: which places of an event a sender controls, and what he can say there.

use crate::{
    codec::Codec,
    point::{Charset, Control, Path, Role},
    tree::{Node, Step},
    wire::MAX_EVENT_BYTES,
};

/// What a sender controls in the events of one source.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    /// Where: `*` is any member or element, `**` everything below; a codec is reached through.
    pub(crate) place: Path,
    pub(crate) control: Control,
    pub(crate) charset: Charset,
    /// How many bytes the text there has at most, with all that is in it.
    pub(crate) max_bytes: usize,
    pub(crate) role: Role,
    pub(super) spelling: Spelling,
    pub(super) freedom: Freedom,
}

/// What is known of the form of a text at a place, beside the codecs of the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// Nothing.
    AsIs,
    /// It is the value of a header: a list or credentials are opened as such.
    Header,
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
    pub(crate) fn new(place: &str, charset: Charset, max_bytes: usize) -> Rule {
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

    pub(super) fn header(self) -> Rule {
        Rule { spelling: Spelling::Header, ..self }
    }

    /// The object of which everything is a sender's; the limit is then one for all of it.
    pub(crate) fn whole(&self) -> Option<&[Step]> {
        match self.place.0.as_slice() {
            [parents @ .., Step::Member { name, .. }] if name == "**" && !parents.is_empty() => Some(parents),
            _ => None,
        }
    }

    /// Whether it is for all that is below a place, and not for one text.
    pub(crate) fn is_below_all(&self) -> bool {
        matches!(self.place.0.last(), Some(Step::Member { name, .. }) if name == "**")
    }

    pub(super) fn texts(self) -> Rule {
        Rule { freedom: Freedom::Texts, ..self }
    }

    pub(super) fn names(self, charset: Charset, max_bytes: usize) -> Rule {
        Rule { freedom: Freedom::Names { charset, max_bytes }, ..self }
    }

    pub(crate) fn conditional(self) -> Rule {
        Rule { control: Control::Conditional, ..self }
    }

    pub(super) fn routing(self) -> Rule {
        Rule { role: Role::Routing, ..self }
    }

    /// Whether it is for the place `path` itself, and not for something inside a text there.
    pub(crate) fn is_of(&self, path: &Path) -> bool {
        inside(&self.place.0, &path.0).is_some_and(<[Step]>::is_empty)
    }

    /// Whether `node` can be at its place.
    pub(crate) fn takes(&self, node: &Node) -> bool {
        if matches!(self.freedom, Freedom::Names { .. }) && !is_text(node) {
            return false;
        }
        if self.max_bytes >= MAX_EVENT_BYTES || matches!(node, Node::Object(_) | Node::Array(_)) {
            return true;
        }
        if let Node::Opened(codec, _) = node
            && *codec != Codec::Json
        {
            // Written once for all three questions.
            let bytes = node.sent_bytes();
            return bytes.len() <= self.max_bytes
                && !(self.charset.needs_text() && bytes.is_empty())
                && (self.charset == Charset::Any
                    || std::str::from_utf8(&bytes).is_ok_and(|text| self.charset.refused(text).is_none()));
        }
        node.fits(self.max_bytes)
            && !(self.charset.needs_text() && node.is_nothing())
            && (self.charset == Charset::Any || node.is_utf8() && self.charset.takes(node))
    }
}

/// Whether a text, and nothing else, can be there.
pub(super) fn is_text(node: &Node) -> bool {
    match node {
        Node::Text(_) => true,
        Node::Opened(codec, _) => *codec != Codec::SignedBytes,
        _ => false,
    }
}

/// What is left of `path` behind `place`. `None` if it is not there.
pub(crate) fn inside<'p>(place: &[Step], path: &'p [Step]) -> Option<&'p [Step]> {
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
