//! What brackets of Python hold: elements, comprehensions, arguments, subscripts, parameters.

use super::{
    expression::RESERVED,
    parse::{Kind, Parser},
};

impl Parser<'_, '_> {
    /// What `(…)` or `[…]` holds.
    pub(super) fn contents(&mut self) -> Option<Kind> {
        if self.ends()? {
            return Some(Kind::Targets);
        }
        let before = self.fired;
        let kind = self.expressions()?;
        if self.comprehension()? {
            self.doubt_since(before);
            return Some(Kind::Value);
        }
        Some(kind)
    }

    /// What `{…}` holds: a dict or a set.
    pub(super) fn entries(&mut self) -> Option<()> {
        let mut keyed = None;
        loop {
            if self.ends()? {
                return Some(());
            }
            let before = self.fired;
            if self.mark("**")? {
                self.expression()?;
                (keyed != Some(false)).then_some(())?;
                keyed = Some(true);
            } else {
                self.starred()?;
                let pair = self.mark(":")?;
                if pair {
                    self.expression()?;
                }
                (keyed.is_none() || keyed == Some(pair)).then_some(())?;
                keyed = Some(pair);
            }
            if self.comprehension()? {
                self.doubt_since(before);
                return Some(());
            }
            if !self.mark(",")? {
                return Some(());
            }
        }
    }

    /// `for … in … if …`, if it comes.
    pub(super) fn comprehension(&mut self) -> Option<bool> {
        let mut found = false;
        loop {
            self.blanks()?;
            let word = self.peek_word();
            match word {
                "async" => {
                    self.scan.skip(word.len());
                    continue;
                }
                "for" => {
                    self.scan.skip(word.len());
                    self.targets()?;
                    // Only the first iterable is evaluated in any case.
                    if found {
                        self.doubting(Self::operators)?
                    } else {
                        self.operators()?
                    };
                }
                "if" if found => {
                    self.scan.skip(word.len());
                    self.doubting(Self::operators)?;
                }
                _ => return Some(found),
            }
            found = true;
        }
    }

    pub(super) fn arguments(&mut self) -> Option<()> {
        let mut keywords = 0;
        loop {
            if self.ends()? {
                return Some(());
            }
            let before = self.fired;
            if self.mark("**")? {
                keywords += 1;
                self.expression()?;
            } else if self.mark("*")? {
                self.expression()?;
            } else {
                let kind = self.named()?;
                self.blanks()?;
                if self.scan.starts_with("=") && !self.scan.starts_with("==") {
                    (kind == Kind::Name).then_some(())?;
                    self.scan.skip(1);
                    keywords += 1;
                    self.expression()?;
                } else if self.comprehension()? {
                    self.doubt_since(before);
                } else if keywords > 0 {
                    // A positional argument after one with a name.
                    return None;
                }
            }
            if !self.mark(",")? {
                return Some(());
            }
        }
    }

    pub(super) fn subscripts(&mut self) -> Option<()> {
        let mut parts = 0;
        loop {
            self.blanks()?;
            if self.scan.starts_with("]") {
                return (parts > 0).then_some(());
            }
            for _ in 0..3 {
                self.blanks()?;
                if !self.scan.rest().starts_with([':', ',', ']']) {
                    self.starred()?;
                }
                if !self.mark(":")? {
                    break;
                }
            }
            parts += 1;
            if !self.mark(",")? {
                return Some(());
            }
        }
    }

    /// Parameters up to `end`, which stays. Default values are evaluated with the definition.
    pub(super) fn parameters(&mut self, end: &str) -> Option<()> {
        let mut defaults = false;
        loop {
            self.blanks()?;
            if self.scan.starts_with(end) {
                return Some(());
            }
            if self.scan.take("/") {
                self.mark(",")?;
                continue;
            }
            let stars = self.scan.take("**") || self.scan.take("*");
            self.blanks()?;
            let name = self.peek_word();
            if !(stars && name.is_empty()) {
                (!name.is_empty() && !RESERVED.contains(&name)).then_some(())?;
                self.scan.skip(name.len());
                if end == ")" && self.mark(":")? {
                    self.expression()?;
                }
                if self.mark("=")? {
                    defaults = true;
                    self.expression()?;
                } else if defaults && !stars {
                    return None;
                }
            }
            if stars {
                defaults = false;
            }
            if !self.mark(",")? {
                self.blanks()?;
                return self.scan.starts_with(end).then_some(());
            }
        }
    }
}
