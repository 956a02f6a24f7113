//! Brackets, literals, functions and classes of JavaScript: what may be a pattern or parameters.

use super::{
    Frame,
    expression::{CONSTANTS, RESERVED},
    parse::{Kind, Parser, is_word},
};

impl Parser<'_, '_> {
    /// `(…)`: an expression, or the parameters of an arrow function.
    pub(super) fn parenthesis(&mut self) -> Option<Kind> {
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
