//! Expressions of JavaScript. ECMA-262 2023, chapter 13 and 15, as a recognizer: precedence does
//! not matter for whether a text is valid, so operators stand in one row.

use super::{
    Frame,
    parse::{Kind, Parser, is_word},
};

/// Words that are no names.
const RESERVED: &[&str] = &[
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
const CONSTANTS: &[&str] = &["this", "null", "true", "false", "super"];

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
    fn operand(&mut self) -> Option<Kind> {
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

    fn number(&mut self) -> Option<Kind> {
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

    /// `(…)`: an expression, or the parameters of an arrow function.
    fn parenthesis(&mut self) -> Option<Kind> {
        self.scan.skip(1);
        let (mut parts, mut declarable, mut arrow_only) = (0, true, false);
        let mut kind = Kind::Value;
        self.within(Frame::Parenthesis, |parser| {
            parser.blanks()?;
            arrow_only |= parser.scan.starts_with(")");
            while !parser.scan.starts_with(")") {
                if parser.mark("...")? {
                    arrow_only = true;
                }
                kind = parser.assignment()?;
                declarable &= kind.is_declarable();
                parts += 1;
                if !parser.mark(",")? {
                    break;
                }
                parser.blanks()?;
                arrow_only |= parser.scan.starts_with(")");
            }
            parser.blanks()
        })?;
        self.scan.expect(")")?;
        self.blanks()?;
        if self.scan.starts_with("=>") {
            return declarable.then_some(Kind::Binding);
        }
        match kind {
            _ if arrow_only => None,
            Kind::Name | Kind::Member if parts == 1 => Some(kind),
            _ => Some(Kind::Value),
        }
    }

    pub(super) fn array(&mut self) -> Option<Kind> {
        self.need("[")?;
        let mut kinds = Vec::new();
        self.within(Frame::Bracket, |parser| {
            loop {
                parser.blanks()?;
                if parser.scan.starts_with("]") {
                    return Some(());
                }
                if !parser.scan.starts_with(",") {
                    parser.mark("...")?;
                    kinds.push(parser.assignment()?);
                    parser.blanks()?;
                    if parser.scan.starts_with("]") {
                        return Some(());
                    }
                }
                parser.scan.expect(",")?;
            }
        })?;
        self.scan.expect("]")?;
        Some(pattern_of(&kinds))
    }

    pub(super) fn object(&mut self) -> Option<Kind> {
        self.need("{")?;
        let mut kinds = Vec::new();
        self.within(Frame::Brace, |parser| {
            loop {
                parser.blanks()?;
                if parser.scan.starts_with("}") {
                    return Some(());
                }
                kinds.push(parser.property()?);
                if !parser.mark(",")? {
                    return parser.blanks();
                }
            }
        })?;
        self.scan.expect("}")?;
        Some(pattern_of(&kinds))
    }

    fn property(&mut self) -> Option<Kind> {
        if self.scan.take("...") {
            return self.assignment();
        }
        let key = self.key()?;
        self.blanks()?;
        if key != Key::Method && self.scan.take(":") {
            return self.assignment();
        }
        if self.scan.starts_with("(") {
            self.method()?;
            return Some(Kind::Value);
        }
        let Key::Name(name) = key else { return None };
        if RESERVED.contains(&name.as_str()) || CONSTANTS.contains(&name.as_str()) && name != "this" {
            return CONSTANTS.contains(&name.as_str()).then_some(Kind::Value);
        }
        if self.scan.starts_with("=") && !self.scan.starts_with("==") {
            self.scan.skip(1);
            let before = self.unresolved;
            self.assignment()?;
            self.unresolved = before + 1;
        }
        Some(Kind::Name)
    }

    /// The name of a property or method with what may stand before it.
    pub(super) fn key(&mut self) -> Option<Key> {
        let mut plain = Key::Other;
        loop {
            self.blanks()?;
            let word = self.peek_word();
            match self.scan.peek()? {
                '*' => {
                    self.scan.skip(1);
                    plain = Key::Method;
                }
                '\'' | '"' => return self.string().map(|()| plain),
                '[' => {
                    self.scan.skip(1);
                    self.within(Frame::Bracket, |parser| {
                        parser.assignment()?;
                        parser.blanks()
                    })?;
                    self.scan.expect("]")?;
                    return Some(plain);
                }
                '0'..='9' => return self.number().map(|_| plain),
                '#' => {
                    self.scan.skip(1);
                    self.scan.take_while(is_word);
                    return Some(plain);
                }
                _ if !word.is_empty() => {
                    self.scan.skip(word.len());
                    self.blanks()?;
                    let ends = self.scan.rest().starts_with([':', '(', ',', '}', '=', ';']);
                    match word {
                        "static" if !ends => {}
                        "get" | "set" | "async" if !ends => plain = Key::Method,
                        _ if plain == Key::Other => return Some(Key::Name(word.to_owned())),
                        _ => return Some(plain),
                    }
                }
                _ => return None,
            }
        }
    }

    /// Parameters and body.
    pub(super) fn method(&mut self) -> Option<()> {
        self.doubting(|parser| {
            parser.parameters()?;
            parser.blanks()?;
            parser.block()
        })
    }

    fn parameters(&mut self) -> Option<()> {
        self.need("(")?;
        let unresolved = self.unresolved;
        self.within(Frame::Parenthesis, |parser| {
            parser.blanks()?;
            while !parser.scan.starts_with(")") {
                parser.mark("...")?;
                parser.assignment()?.is_declarable().then_some(())?;
                if !parser.mark(",")? {
                    break;
                }
                parser.blanks()?;
            }
            parser.blanks()
        })?;
        self.unresolved = unresolved;
        self.scan.expect(")")
    }

    /// A function; the keyword comes next.
    pub(super) fn function(&mut self) -> Option<()> {
        self.scan.skip("function".len());
        self.mark("*")?;
        self.blanks()?;
        let name = self.peek_word();
        if RESERVED.contains(&name) {
            return None;
        }
        self.scan.skip(name.len());
        self.method()
    }

    /// A class; the keyword comes next.
    pub(super) fn class(&mut self) -> Option<()> {
        self.scan.skip("class".len());
        self.blanks()?;
        let name = self.peek_word();
        if name != "extends" {
            self.scan.skip(name.len());
        }
        if self.keyword("extends")? {
            self.operand()?;
        }
        self.need("{")?;
        self.within(Frame::Brace, |parser| {
            loop {
                parser.blanks()?;
                if parser.scan.starts_with("}") {
                    return Some(());
                }
                if parser.scan.take(";") {
                    continue;
                }
                let key = parser.key()?;
                parser.blanks()?;
                if parser.scan.starts_with("{") {
                    parser.block()?;
                } else if parser.scan.starts_with("(") {
                    parser.method()?;
                } else if key == Key::Method {
                    return None;
                } else {
                    if parser.mark("=")? {
                        parser.doubting(Self::assignment)?;
                    }
                    parser.ends_statement()?;
                }
            }
        })?;
        self.scan.expect("}")
    }
}

/// What stands before a value, or is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// A name, which could be a shorthand.
    Name(String),
    /// Of a getter, setter or generator.
    Method,
    Other,
}

/// What a literal with these parts is as a pattern.
fn pattern_of(kinds: &[Kind]) -> Kind {
    if kinds.iter().all(|it| it.is_declarable()) {
        Kind::Binding
    } else if kinds.contains(&Kind::Value) {
        Kind::Value
    } else {
        Kind::Pattern
    }
}
