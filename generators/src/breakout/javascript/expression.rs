//! Expressions of JavaScript. ECMA-262 2023, chapter 13, as a recognizer: precedence does
//! not matter for whether a text is valid, so operators stand in one row.

use super::{
    Frame,
    parse::{Kind, Parser, is_word},
};

/// Words that are no names.
pub(super) const RESERVED: &[&str] = &[
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "finally",
    "for",
    "function",
    "if",
    "import",
    "in",
    "instanceof",
    "new",
    "return",
    "super",
    "switch",
    "throw",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
];

/// Names that cannot be assigned to.
pub(super) const CONSTANTS: &[&str] = &["this", "null", "true", "false", "super"];

/// Longest first.
const BINARY: &[&str] = &[
    ">>>", "===", "!==", "**", "&&", "||", "??", "==", "!=", "<=", ">=", "<<", ">>", "+", "-", "*", "/", "%",
    "&", "|", "^", "<", ">",
];

const ASSIGNMENT: &[&str] =
    &[">>>=", "**=", "<<=", ">>=", "&&=", "||=", "??=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "="];

impl Parser<'_, '_> {
    /// One or more expressions with commas.
    pub(super) fn expression(&mut self) -> Option<Kind> {
        let mut kind = self.assignment()?;
        while self.mark(",")? {
            self.assignment()?;
            kind = Kind::Value;
        }
        Some(kind)
    }

    /// One expression without commas.
    pub(super) fn assignment(&mut self) -> Option<Kind> {
        self.scan.deeper()?;
        let doubt = self.doubt;
        let kind = self.assignment_inside();
        self.doubt = doubt;
        self.scan.back_up();
        kind
    }

    fn assignment_inside(&mut self) -> Option<Kind> {
        let unresolved = self.unresolved;
        self.blanks()?;
        if self.peek_word() == "yield" {
            self.scan.skip("yield".len());
            self.mark("*")?;
            self.blanks()?;
            if !self.new_line
                && !self.scan.rest().starts_with([')', ']', '}', ',', ';'])
                && self.scan.peek().is_some()
            {
                self.assignment()?;
            }
            return Some(Kind::Value);
        }
        let mut kind = self.operand()?;
        loop {
            self.blanks()?;
            if self.scan.starts_with("=>") {
                if !kind.is_declarable() || self.new_line {
                    return None;
                }
                self.scan.skip(2);
                self.unresolved = unresolved;
                self.doubting(Self::arrow_body)?;
                return Some(Kind::Value);
            }
            if let Some(operator) = self.assigns() {
                if kind == Kind::Value || (operator != "=" && matches!(kind, Kind::Binding | Kind::Pattern)) {
                    return None;
                }
                self.scan.skip(operator.len());
                self.unresolved = unresolved;
                if operator.len() == 3 && !operator.starts_with(['*', '<', '>']) {
                    self.doubt += 1;
                }
                self.assignment()?;
                return Some(if operator == "=" { kind } else { Kind::Value });
            }
            if self.scan.starts_with("?") && !self.scan.starts_with("??") {
                self.scan.skip(1);
                self.doubt += 1;
                let has_in = std::mem::replace(&mut self.has_in, true);
                self.assignment()?;
                self.has_in = has_in;
                self.need(":")?;
                self.assignment()?;
                return Some(Kind::Value);
            }
            let Some(operator) = self.joins() else { return Some(kind) };
            self.scan.skip(operator.len());
            if matches!(operator, "&&" | "||" | "??") {
                self.doubt += 1;
            }
            self.operand()?;
            kind = Kind::Value;
        }
    }

    fn assigns(&self) -> Option<&'static str> {
        let operator = ASSIGNMENT.iter().find(|it| self.scan.starts_with(it))?;
        let other = *operator == "=" && (self.scan.starts_with("==") || self.scan.starts_with("=>"));
        (!other).then_some(operator)
    }

    fn joins(&self) -> Option<&'static str> {
        match self.peek_word() {
            "instanceof" => Some("instanceof"),
            "in" if self.has_in => Some("in"),
            "" => BINARY.iter().find(|it| self.scan.starts_with(it)).copied(),
            _ => None,
        }
    }

    fn arrow_body(&mut self) -> Option<()> {
        self.blanks()?;
        if self.scan.starts_with("{") {
            return self.block();
        }
        self.assignment().map(|_| ())
    }

    /// Prefix operators, a primary expression and what follows it.
    pub(super) fn operand(&mut self) -> Option<Kind> {
        let mut prefixed = false;
        loop {
            self.blanks()?;
            let word = self.peek_word();
            if matches!(word, "typeof" | "void" | "delete" | "await") {
                self.scan.skip(word.len());
                prefixed = true;
                continue;
            }
            let counting = ["++", "--"].iter().find(|it| self.scan.starts_with(it));
            if let Some(mark) = counting {
                self.scan.skip(mark.len());
                let kind = self.operand()?;
                return matches!(kind, Kind::Name | Kind::Member).then_some(Kind::Value);
            }
            match self.scan.peek()? {
                '+' | '-' | '!' | '~' => self.scan.skip(1),
                _ => break,
            }
            prefixed = true;
        }
        let kind = self.primary()?;
        let kind = self.postfix(kind)?;
        Some(if prefixed { Kind::Value } else { kind })
    }

    fn primary(&mut self) -> Option<Kind> {
        self.operand_begins();
        match self.scan.peek()? {
            '\'' | '"' => self.string().map(|()| Kind::Value),
            '`' => {
                self.scan.skip(1);
                self.template().map(|()| Kind::Value)
            }
            '/' => {
                self.scan.skip(1);
                self.regex().map(|()| Kind::Value)
            }
            '(' => self.parenthesis(),
            '[' => self.array(),
            '{' => self.object(),
            '0'..='9' => self.number(),
            '.' if self.scan.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) => self.number(),
            _ => self.word(),
        }
    }

    pub(super) fn number(&mut self) -> Option<Kind> {
        let digits = self.scan.take_while(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
        if digits.ends_with(['e', 'E']) && !digits.starts_with("0x") && !self.scan.take("+") {
            self.scan.take("-");
        }
        let tail = self.scan.take_while(is_word);
        // `1a`: a number that a name follows at once is an error.
        let digits = digits.trim_end_matches('n');
        let valid = if let Some(digits) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
            digits.chars().all(|c| c.is_ascii_hexdigit() || c == '_')
        } else {
            digits.chars().filter(|c| c.is_ascii_alphabetic()).all(|c| "eEoObB".contains(c))
        };
        (valid && tail.chars().all(|c| c.is_ascii_digit())).then_some(Kind::Value)
    }

    fn word(&mut self) -> Option<Kind> {
        let word = self.peek_word();
        match word {
            "" if self.scan.starts_with("#") => {
                // `#a in b`.
                self.scan.skip(1);
                self.scan.take_while(is_word);
                return Some(Kind::Value);
            }
            "" => return None,
            "function" => return self.function().map(|()| Kind::Value),
            "class" => return self.class().map(|()| Kind::Value),
            "new" => {
                self.scan.skip(3);
                if self.mark(".")? {
                    return (self.keyword("target")?).then_some(Kind::Value);
                }
                return self.operand().map(|_| Kind::Value);
            }
            "import" => {
                self.scan.skip(6);
                self.blanks()?;
                return self.scan.rest().starts_with(['(', '.']).then_some(Kind::Value);
            }
            "async" => {
                self.scan.skip(5);
                self.blanks()?;
                if self.new_line {
                    return Some(Kind::Name);
                }
                if self.peek_word() == "function" {
                    return self.function().map(|()| Kind::Value);
                }
                if self.scan.starts_with("(") {
                    // A call of `async`, or the parameters of an arrow function.
                    let kind = self.parenthesis()?;
                    self.blanks()?;
                    return Some(if self.scan.starts_with("=>") { kind } else { Kind::Value });
                }
                let parameter = self.peek_word();
                if !parameter.is_empty() && !RESERVED.contains(&parameter) {
                    self.scan.skip(parameter.len());
                }
                return Some(Kind::Name);
            }
            _ => {}
        }
        if RESERVED.contains(&word) && word != "super" {
            return None;
        }
        self.scan.skip(word.len());
        Some(if CONSTANTS.contains(&word) { Kind::Value } else { Kind::Name })
    }

    fn postfix(&mut self, mut kind: Kind) -> Option<Kind> {
        loop {
            self.blanks()?;
            if self.scan.starts_with("=>") {
                return Some(kind);
            }
            if self.scan.take("?.") {
                self.doubt += 1;
                if !self.scan.rest().starts_with(['(', '[', '`']) {
                    self.property_name()?;
                }
                kind = Kind::Value;
            } else if self.scan.starts_with(".") && !self.scan.starts_with("...") {
                self.scan.skip(1);
                self.property_name()?;
                kind = Kind::Member;
            } else if self.scan.take("[") {
                self.within(Frame::Bracket, |parser| {
                    parser.expression()?;
                    parser.blanks()
                })?;
                self.scan.expect("]")?;
                kind = Kind::Member;
            } else if self.scan.starts_with("(") {
                self.arguments()?;
                kind = Kind::Value;
            } else if self.scan.take("`") {
                self.template()?;
                kind = Kind::Value;
            } else if !self.new_line && (self.scan.starts_with("++") || self.scan.starts_with("--")) {
                if !matches!(kind, Kind::Name | Kind::Member) {
                    return None;
                }
                self.scan.skip(2);
                return Some(Kind::Value);
            } else {
                return Some(kind);
            }
        }
    }

    fn property_name(&mut self) -> Option<()> {
        self.blanks()?;
        self.scan.take("#");
        let name = self.peek_word();
        self.scan.skip(name.len());
        (!name.is_empty()).then_some(())
    }

    pub(super) fn arguments(&mut self) -> Option<()> {
        self.need("(")?;
        self.within(Frame::Parenthesis, |parser| {
            parser.blanks()?;
            while !parser.scan.starts_with(")") {
                parser.mark("...")?;
                parser.assignment()?;
                if !parser.mark(",")? {
                    break;
                }
                parser.blanks()?;
            }
            parser.blanks()
        })?;
        self.scan.expect(")")
    }
}
