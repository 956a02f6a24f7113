//! The state of the JavaScript parser, and what is below expressions: blanks, strings, templates.

use super::{
    super::{Certainty, Trial, scan::Scan},
    Frame,
};

/// What may be done with an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name: it can be assigned to and declared.
    Name,
    /// A property: it can be assigned to.
    Member,
    /// A pattern of names only.
    Binding,
    /// A pattern.
    Pattern,
    Value,
}

impl Kind {
    pub(super) fn is_declarable(self) -> bool {
        matches!(self, Kind::Name | Kind::Binding)
    }
}

/// A recognizer without tokens of its own: whether `/` begins a regular expression is known from
/// where it stands.
pub(super) struct Parser<'a, 't> {
    pub(super) scan: Scan<'a, Frame>,
    trial: Option<&'t Trial<'t>>,
    pub(super) fired: Option<Certainty>,
    /// How many constructs around may keep an expression from being evaluated.
    pub(super) doubt: usize,
    /// `{a = 1}` that is not (yet) a pattern.
    pub(super) unresolved: usize,
    /// Whether `in` is an operator: not in the head of `for`.
    pub(super) has_in: bool,
    /// Whether a line ended in the blanks last skipped.
    pub(super) new_line: bool,
    /// Where they ended: who skips them again learns the same.
    blank_end: usize,
    /// How many constructs around are never evaluated: code behind `return`.
    pub(super) dead: usize,
}

impl<'a, 't> Parser<'a, 't> {
    pub(super) fn new(text: &'a str, watch: Option<usize>, trial: Option<&'t Trial<'t>>) -> Parser<'a, 't> {
        Parser {
            scan: Scan::new(text, watch),
            trial,
            fired: None,
            doubt: 0,
            unresolved: 0,
            has_in: true,
            new_line: false,
            blank_end: usize::MAX,
            dead: 0,
        }
    }

    /// The whole text.
    pub(super) fn program(&mut self) -> Option<()> {
        self.statements()?;
        (self.scan.peek().is_none() && self.unresolved == 0).then_some(())
    }

    pub(super) fn doubting<T>(&mut self, parse: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.doubt += 1;
        let result = parse(self);
        self.doubt -= 1;
        result
    }

    pub(super) fn within<T>(
        &mut self,
        frame: Frame,
        parse: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        self.scan.enter(frame)?;
        let has_in = std::mem::replace(&mut self.has_in, true);
        let result = parse(self);
        self.has_in = has_in;
        self.scan.leave();
        result
    }

    /// Notes that an operand begins here.
    pub(super) fn operand_begins(&mut self) {
        if self.dead == 0 && self.trial.is_some_and(|trial| trial.canary_at(self.scan.at())) {
            let certainty = if self.doubt == 0 { Certainty::Always } else { Certainty::IfReached };
            self.fired = self.fired.max(Some(certainty));
        }
    }

    /// White space and comments.
    pub(super) fn blanks(&mut self) -> Option<()> {
        if self.scan.at() != self.blank_end {
            self.new_line = false;
        }
        loop {
            if self.scan.starts_with("//") {
                self.scan.enter(Frame::LineComment)?;
                self.scan.take_while(|c| !is_line_end(c));
                self.scan.leave();
            } else if self.scan.take("/*") {
                self.scan.enter(Frame::BlockComment)?;
                let start = self.scan.at();
                self.scan.until("*/")?;
                self.new_line |= self.scan.before()[start..].contains(is_line_end);
                self.scan.leave();
                self.scan.skip(2);
            } else {
                let blanks = self.scan.take_while(|c| c.is_whitespace() || c == '\u{feff}');
                if blanks.is_empty() {
                    self.blank_end = self.scan.at();
                    return Some(());
                }
                self.new_line |= blanks.contains(is_line_end);
            }
        }
    }

    /// Blanks, then this mark if it comes.
    pub(super) fn mark(&mut self, mark: &str) -> Option<bool> {
        self.blanks()?;
        Some(self.scan.take(mark))
    }

    /// Blanks, then this mark, which must come.
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
        let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        &rest[..end]
    }

    /// Consumes this keyword if it comes next.
    pub(super) fn keyword(&mut self, word: &str) -> Option<bool> {
        self.blanks()?;
        let comes = self.peek_word() == word;
        if comes {
            self.scan.skip(word.len());
        }
        Some(comes)
    }

    /// A string constant. The quote must come next.
    pub(super) fn string(&mut self) -> Option<()> {
        let quote = self.scan.next()?;
        self.scan.enter(if quote == '"' { Frame::Double } else { Frame::Single })?;
        loop {
            match self.scan.peek()? {
                c if c == quote => break,
                '\\' => {
                    self.scan.next();
                    self.scan.next()?;
                }
                '\n' | '\r' => return None,
                _ => {
                    self.scan.next();
                }
            }
        }
        self.scan.leave();
        self.scan.next();
        Some(())
    }

    /// The rest of a template after its first backtick.
    pub(super) fn template(&mut self) -> Option<()> {
        self.scan.enter(Frame::Template)?;
        loop {
            match self.scan.peek()? {
                '`' => break,
                '\\' => {
                    self.scan.next();
                    self.scan.next()?;
                }
                '$' if self.scan.starts_with("${") => {
                    self.scan.skip(2);
                    self.within(Frame::Hole, |parser| {
                        parser.expression()?;
                        parser.blanks()
                    })?;
                    self.scan.expect("}")?;
                }
                _ => {
                    self.scan.next();
                }
            }
        }
        self.scan.leave();
        self.scan.next();
        Some(())
    }

    /// The rest of a regular expression after its first slash. Groups and classes must be closed.
    pub(super) fn regex(&mut self) -> Option<()> {
        self.scan.enter(Frame::Regex)?;
        let mut open = 0;
        let mut repeats = false;
        loop {
            match self.scan.peek()? {
                '/' => break,
                '\n' | '\r' => return None,
                '\\' => {
                    self.scan.next();
                    self.scan.next().filter(|c| !is_line_end(*c))?;
                    repeats = true;
                }
                '[' => {
                    self.scan.next();
                    self.scan.enter(Frame::Class)?;
                    while self.scan.peek()? != ']' {
                        if self.scan.next()? == '\\' {
                            self.scan.next()?;
                        }
                        if self.scan.peek() == Some('\n') {
                            return None;
                        }
                    }
                    self.scan.leave();
                    self.scan.next();
                    repeats = true;
                }
                '(' => {
                    self.scan.next();
                    if self.scan.take("?") {
                        let name = self.scan.take_while(|c| "<:=!".contains(c) || is_word(c));
                        if name.starts_with('<') && !name.starts_with("<=") && !name.starts_with("<!") {
                            self.scan.expect(">")?;
                        }
                    }
                    self.scan.enter(Frame::Group)?;
                    open += 1;
                    repeats = false;
                }
                ')' => {
                    if open == 0 {
                        return None;
                    }
                    open -= 1;
                    self.scan.leave();
                    self.scan.next();
                    repeats = true;
                }
                '*' | '+' | '?' => {
                    if !repeats {
                        return None;
                    }
                    self.scan.next();
                    // `a+?` is lazy, `a++` is nothing.
                    self.scan.take("?");
                    repeats = false;
                }
                c => {
                    self.scan.next();
                    repeats = !matches!(c, '^' | '|');
                }
            }
        }
        self.scan.leave();
        if open > 0 {
            return None;
        }
        self.scan.next();
        let flags = self.scan.take_while(is_word);
        let known = flags.chars().all(|c| "dgimsuvy".contains(c) && flags.matches(c).count() == 1);
        known.then_some(())
    }
}

pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}
