//! The state of the Python parser, and what is below expressions: blanks, lines, strings.

use super::{
    super::{Certainty, Trial, scan::Scan},
    Frame, Quotes,
};

/// What may be done with an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    /// An attribute or item.
    Member,
    /// A tuple or list of targets.
    Targets,
    Value,
}

pub(super) struct Parser<'a, 't> {
    pub(super) scan: Scan<'a, Frame>,
    trial: Option<&'t Trial<'t>>,
    pub(super) fired: Option<Certainty>,
    /// How many constructs around may keep an expression from being evaluated.
    pub(super) doubt: usize,
    /// How many are never evaluated: code behind `return`.
    pub(super) dead: usize,
    /// Open brackets: within them lines do not count.
    pub(super) open: usize,
    /// Whether `in` is an operator: not in the targets of `for`.
    pub(super) has_in: bool,
}

impl<'a, 't> Parser<'a, 't> {
    pub(super) fn new(text: &'a str, watch: Option<usize>, trial: Option<&'t Trial<'t>>) -> Parser<'a, 't> {
        let scan = Scan::new(text, watch);
        Parser { scan, trial, fired: None, doubt: 0, dead: 0, open: 0, has_in: true }
    }

    /// The whole text.
    pub(super) fn program(&mut self) -> Option<()> {
        if !self.scan.rest().contains('\n') {
            // `eval` takes blanks before an expression.
            self.blanks()?;
        }
        self.lines(0)?;
        self.scan.peek().is_none().then_some(())
    }

    pub(super) fn doubting<T>(&mut self, parse: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.doubt += 1;
        let result = parse(self);
        self.doubt -= 1;
        result
    }

    /// What is inside a bracket, up to its end, which stays.
    pub(super) fn within<T>(
        &mut self,
        frame: Frame,
        parse: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        self.scan.enter(frame)?;
        self.open += 1;
        let has_in = std::mem::replace(&mut self.has_in, true);
        let result = parse(self)?;
        self.blanks()?;
        self.has_in = has_in;
        self.open -= 1;
        self.scan.leave();
        Some(result)
    }

    /// Notes that an operand begins here.
    pub(super) fn operand_begins(&mut self) {
        let Some(trial) = self.trial else { return };
        if self.dead > 0 || !trial.canary_at(self.scan.at()) || !self.fits_fields(trial.canary) {
            return;
        }
        let certainty = if self.doubt == 0 { Certainty::Always } else { Certainty::IfReached };
        self.fired = self.fired.max(Some(certainty));
    }

    /// Whether the f-strings around may hold this text in a field, before Python 3.12 too.
    fn fits_fields(&self, text: &str) -> bool {
        self.scan.stack.iter().all(|frame| match frame {
            Frame::Text(quotes) => !text.contains(quotes.close) && !text.contains(['\\', '#']),
            _ => true,
        })
    }

    /// What was noted since `before` is evaluated on a condition that came behind it.
    pub(super) fn doubt_since(&mut self, before: Option<Certainty>) {
        if before.is_none() && self.fired.is_some() {
            self.fired = Some(Certainty::IfReached);
        }
    }

    /// Blanks and joined lines; within brackets newlines and comments too.
    pub(super) fn blanks(&mut self) -> Option<()> {
        loop {
            match self.scan.peek() {
                Some(' ' | '\t' | '\u{c}') => self.scan.skip(1),
                Some('\\') if self.scan.starts_with("\\\n") => self.scan.skip(2),
                Some('\n' | '\r') if self.open > 0 => self.scan.skip(1),
                Some('#') if self.open > 0 => self.comment()?,
                _ => return Some(()),
            }
        }
    }

    pub(super) fn comment(&mut self) -> Option<()> {
        self.scan.enter(Frame::Comment)?;
        self.scan.take_while(|c| c != '\n');
        self.scan.leave();
        Some(())
    }

    /// Blanks, then this mark if it comes.
    pub(super) fn mark(&mut self, mark: &str) -> Option<bool> {
        self.blanks()?;
        Some(self.scan.take(mark))
    }

    pub(super) fn need(&mut self, mark: &str) -> Option<()> {
        self.blanks()?;
        self.scan.expect(mark)
    }

    /// The name or keyword that comes next, without consuming it.
    pub(super) fn peek_word(&self) -> &'a str {
        let rest = self.scan.rest();
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            return "";
        }
        &rest[..rest.find(|c: char| !is_word(c)).unwrap_or(rest.len())]
    }

    pub(super) fn keyword(&mut self, word: &str) -> Option<bool> {
        self.blanks()?;
        let comes = self.peek_word() == word;
        if comes {
            self.scan.skip(word.len());
        }
        Some(comes)
    }

    /// The prefix and quotes of a string that begins here.
    pub(super) fn quotes(&self) -> Option<Quotes> {
        let rest = self.scan.rest();
        let length = rest.find(|c: char| !c.is_ascii_alphabetic())?;
        let prefix = rest[..length].to_ascii_lowercase();
        if !["", "r", "b", "u", "f", "br", "rb", "fr", "rf", "t", "rt", "tr"].contains(&prefix.as_str()) {
            return None;
        }
        let close = ["'''", "\"\"\"", "'", "\""].into_iter().find(|it| rest[length..].starts_with(it))?;
        let open = rest[..length + close.len()].to_owned();
        Some(Quotes { open, close, formats: prefix.contains(['f', 't']) })
    }

    /// A string constant with these quotes.
    pub(super) fn string(&mut self, quotes: Quotes) -> Option<()> {
        let Quotes { close, formats, .. } = quotes;
        self.scan.skip(quotes.open.len());
        self.scan.enter(Frame::Text(quotes))?;
        while !self.scan.starts_with(close) {
            match self.scan.next()? {
                // `\{` in an f-string is a backslash and a field.
                '\\' if formats && self.scan.starts_with("{") => {}
                '\\' => {
                    self.scan.next()?;
                }
                '\n' if close.len() == 1 => return None,
                '{' if formats && !self.scan.take("{") => self.field(close)?,
                '}' if formats => self.scan.expect("}")?,
                _ => {}
            }
        }
        self.scan.leave();
        self.scan.skip(close.len());
        Some(())
    }

    /// The rest of a replacement field with its brace.
    fn field(&mut self, close: &'static str) -> Option<()> {
        let start = self.scan.at();
        self.within(Frame::Field, |parser| {
            parser.blanks()?;
            parser.expressions()?;
            parser.blanks()?;
            if !parser.scan.starts_with("==") {
                parser.scan.take("=");
            }
            if parser.mark("!")? {
                parser.scan.next().filter(|c| matches!(c, 'r' | 's' | 'a'))?;
            }
            Some(())
        })?;
        if close.len() == 1 && self.scan.before()[start..].contains('\n') {
            return None;
        }
        if self.scan.take(":") {
            self.scan.enter(Frame::Spec)?;
            loop {
                if self.scan.starts_with(close) {
                    return None;
                }
                match self.scan.peek()? {
                    '}' => break,
                    '{' => {
                        self.scan.skip(1);
                        self.field(close)?;
                    }
                    '\n' if close.len() == 1 => return None,
                    c => self.scan.skip(c.len_utf8()),
                }
            }
            self.scan.leave();
        }
        self.scan.expect("}")
    }
}

pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
