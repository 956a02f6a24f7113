//! Expressions of Python, as a recognizer. "The Python Language Reference" 3.13, chapter 6;
//! precedence does not matter for whether a text is valid, so operators stand in one row.

use super::{
    Frame,
    parse::{Kind, Parser, is_word},
};

/// Words that are no names.
pub(super) const RESERVED: &[&str] = &[
    "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else",
    "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not",
    "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// Longest first.
const BINARY: &[&str] =
    &["**", "//", "==", "!=", "<=", ">=", "<<", ">>", "+", "-", "*", "/", "%", "@", "&", "|", "^", "<", ">"];

impl Parser<'_, '_> {
    /// One or more expressions with commas, or `yield`.
    pub(super) fn expressions(&mut self) -> Option<Kind> {
        if self.keyword("yield")? {
            if self.keyword("from")? {
                return self.expression();
            }
            return if self.ends()? { Some(Kind::Value) } else { self.expressions() };
        }
        let mut kinds = vec![self.starred()?];
        let mut tuple = false;
        while self.mark(",")? {
            tuple = true;
            if self.ends()? {
                break;
            }
            kinds.push(self.starred()?);
        }
        if !tuple {
            return kinds.pop();
        }
        Some(if kinds.contains(&Kind::Value) { Kind::Value } else { Kind::Targets })
    }

    /// Whether no expression can begin here.
    pub(super) fn ends(&mut self) -> Option<bool> {
        self.blanks()?;
        Some(match self.scan.peek() {
            None => true,
            Some(c) => ")]}=:;#\n\r!".contains(c) || self.peek_word() == "in",
        })
    }

    pub(super) fn starred(&mut self) -> Option<Kind> {
        if self.mark("*")? {
            return self.expression();
        }
        self.named()
    }

    /// An expression that may be named with `:=`.
    pub(super) fn named(&mut self) -> Option<Kind> {
        let kind = self.expression()?;
        self.blanks()?;
        if kind == Kind::Name && self.open > 0 && self.scan.starts_with(":=") {
            self.scan.skip(2);
            self.expression()?;
            return Some(Kind::Value);
        }
        Some(kind)
    }

    /// One expression without commas.
    pub(super) fn expression(&mut self) -> Option<Kind> {
        self.scan.deeper()?;
        let doubt = self.doubt;
        let before = self.fired;
        let kind = self.operators()?;
        self.doubt = doubt;
        let kind = if self.keyword("if")? {
            self.doubt_since(before);
            self.operators()?;
            self.doubt = doubt + 1;
            // In a comprehension `if` is a condition, and no `else` follows.
            self.keyword("else")?.then_some(())?;
            self.expression()?;
            Kind::Value
        } else {
            kind
        };
        self.doubt = doubt;
        self.scan.back_up();
        Some(kind)
    }

    /// Operands with operators between them.
    pub(super) fn operators(&mut self) -> Option<Kind> {
        let mut kind = self.operand()?;
        let mut compared = 0;
        loop {
            self.blanks()?;
            let word = self.peek_word();
            match word {
                "and" | "or" => {
                    self.scan.skip(word.len());
                    self.doubt += 1;
                }
                "is" => {
                    self.scan.skip(2);
                    self.keyword("not")?;
                    compared += 1;
                }
                "in" if self.has_in => {
                    self.scan.skip(2);
                    compared += 1;
                }
                "not" => {
                    self.scan.skip(3);
                    self.keyword("in")?.then_some(())?;
                    compared += 1;
                }
                "" => {
                    let Some(operator) = BINARY.iter().find(|it| self.scan.starts_with(it)) else {
                        return Some(kind);
                    };
                    // `+=` and others are assignments.
                    let assigns = self.scan.rest()[operator.len()..].starts_with('=');
                    let compares =
                        operator.starts_with(['<', '>', '=', '!']) && operator != &"<<" && operator != &">>";
                    if assigns && !compares {
                        return Some(kind);
                    }
                    self.scan.skip(operator.len());
                    compared += usize::from(compares);
                }
                _ => return Some(kind),
            }
            // `a < b < c` looks at `c` only if `a < b`.
            if compared > 1 {
                self.doubt += 1;
            }
            self.operand()?;
            kind = Kind::Value;
        }
    }

    fn operand(&mut self) -> Option<Kind> {
        let mut prefixed = false;
        loop {
            self.blanks()?;
            let word = self.peek_word();
            match (word, self.scan.peek()?) {
                ("not" | "await", _) => self.scan.skip(word.len()),
                ("lambda", _) => {
                    self.scan.skip(word.len());
                    self.parameters(":")?;
                    self.need(":")?;
                    return self.doubting(Self::expression).map(|_| Kind::Value);
                }
                (_, '+' | '-' | '~') => self.scan.skip(1),
                _ => break,
            }
            prefixed = true;
        }
        let kind = self.atom()?;
        let kind = self.postfix(kind)?;
        Some(if prefixed { Kind::Value } else { kind })
    }

    fn atom(&mut self) -> Option<Kind> {
        self.operand_begins();
        if let Some(quotes) = self.quotes() {
            self.string(quotes)?;
            loop {
                // Strings side by side are one.
                self.blanks()?;
                let Some(quotes) = self.quotes() else { return Some(Kind::Value) };
                self.string(quotes)?;
            }
        }
        match self.scan.peek()? {
            '(' => {
                self.scan.skip(1);
                let kind = self.within(Frame::Parenthesis, Self::contents)?;
                self.scan.expect(")")?;
                Some(kind)
            }
            '[' => {
                self.scan.skip(1);
                let kind = self.within(Frame::Bracket, Self::contents)?;
                self.scan.expect("]")?;
                Some(if kind == Kind::Value { kind } else { Kind::Targets })
            }
            '{' => {
                self.scan.skip(1);
                self.within(Frame::Brace, Self::entries)?;
                self.scan.expect("}")?;
                Some(Kind::Value)
            }
            '0'..='9' => self.number(),
            '.' if self.scan.take("...") => Some(Kind::Value),
            '.' => self.number(),
            _ => {
                let word = self.peek_word();
                if word.is_empty() || RESERVED.contains(&word) {
                    return None;
                }
                self.scan.skip(word.len());
                Some(if ["True", "False", "None"].contains(&word) { Kind::Value } else { Kind::Name })
            }
        }
    }

    fn number(&mut self) -> Option<Kind> {
        let digits = self.scan.take_while(|c| is_word(c) || c == '.');
        let hexadecimal = digits.starts_with("0x") || digits.starts_with("0X");
        if digits.ends_with(['e', 'E']) && !hexadecimal {
            self.scan.next().filter(|c| matches!(c, '+' | '-'))?;
            self.scan.take_while(|c| c.is_ascii_digit());
        }
        let letters = digits.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase();
        let based = hexadecimal || ["o", "b"].contains(&letters.as_str());
        let valid = based || ["", "e", "j", "ej"].contains(&letters.as_str());
        (valid && digits != ".").then_some(Kind::Value)
    }

    /// The targets of `for`, and `in`.
    pub(super) fn targets(&mut self) -> Option<()> {
        let has_in = std::mem::replace(&mut self.has_in, false);
        let kind = self.expressions()?;
        self.has_in = has_in;
        (kind != Kind::Value && self.keyword("in")?).then_some(())
    }

    fn postfix(&mut self, mut kind: Kind) -> Option<Kind> {
        loop {
            self.blanks()?;
            if self.scan.starts_with(".") && !self.scan.starts_with("...") {
                self.scan.skip(1);
                self.blanks()?;
                let word = self.peek_word();
                if word.is_empty() || RESERVED.contains(&word) {
                    return None;
                }
                self.scan.skip(word.len());
                kind = Kind::Member;
            } else if self.scan.take("(") {
                self.within(Frame::Parenthesis, Self::arguments)?;
                self.scan.expect(")")?;
                kind = Kind::Value;
            } else if self.scan.take("[") {
                self.within(Frame::Bracket, Self::subscripts)?;
                self.scan.expect("]")?;
                kind = Kind::Member;
            } else {
                return Some(kind);
            }
        }
    }
}
