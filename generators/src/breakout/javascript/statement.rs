//! Statements of JavaScript. ECMA-262 2023, chapter 14, with the insertion of semicolons (12.10).

use super::{
    Frame,
    parse::{Kind, Parser},
};

impl Parser<'_, '_> {
    /// Statements up to `}`, a label of `switch` or the end, which stays.
    pub(super) fn statements(&mut self) -> Option<()> {
        let dead = self.dead;
        loop {
            self.blanks()?;
            let ends = matches!(self.peek_word(), "case" | "default");
            if self.scan.peek().is_none() || self.scan.starts_with("}") || ends {
                self.dead = dead;
                return Some(());
            }
            let word = self.peek_word();
            self.statement()?;
            if matches!(word, "return" | "throw" | "break" | "continue") {
                self.dead += 1;
            }
        }
    }

    pub(super) fn block(&mut self) -> Option<()> {
        self.need("{")?;
        self.within(Frame::Brace, Self::statements)?;
        self.scan.expect("}")
    }

    fn statement(&mut self) -> Option<()> {
        self.scan.deeper()?;
        let result = self.statement_inside();
        self.scan.back_up();
        result
    }

    fn statement_inside(&mut self) -> Option<()> {
        self.blanks()?;
        if self.scan.starts_with("{") {
            return self.block();
        }
        if self.scan.take(";") {
            return Some(());
        }
        let word = self.peek_word();
        match word {
            "var" | "const" => return self.declarations(word.len()),
            "let" => {
                let after = self.scan.rest()[3..].trim_start();
                if after.starts_with(|c: char| c.is_alphabetic() || "_$[{".contains(c))
                    && !after.starts_with("in ")
                {
                    return self.declarations(3);
                }
            }
            "function" => return self.declared(Self::function),
            "async" if self.scan.rest()[5..].trim_start_matches([' ', '\t']).starts_with("function") => {
                self.scan.skip(5);
                self.blanks()?;
                return self.declared(Self::function);
            }
            "class" => return self.declared(Self::class),
            "if" => {
                self.scan.skip(2);
                self.head()?;
                self.doubting(Self::statement)?;
                if self.keyword("else")? {
                    self.doubting(Self::statement)?;
                }
                return Some(());
            }
            "while" | "with" => {
                self.scan.skip(word.len());
                self.head()?;
                return if word == "with" { self.statement() } else { self.doubting(Self::statement) };
            }
            "do" => {
                self.scan.skip(2);
                self.statement()?;
                self.keyword("while")?.then_some(())?;
                self.head()?;
                self.mark(";")?;
                return Some(());
            }
            "for" => return self.for_loop(),
            "switch" => return self.switch(),
            "try" => return self.try_catch(),
            "return" | "throw" | "break" | "continue" | "debugger" => {
                self.scan.skip(word.len());
                self.blanks()?;
                let bare =
                    self.new_line || self.scan.peek().is_none() || self.scan.rest().starts_with([';', '}']);
                if !bare {
                    self.expression()?;
                }
                return (!bare || word != "throw").then(|| self.ends_statement())?;
            }
            _ => {}
        }
        let start = self.scan.at();
        let kind = self.expression()?;
        self.blanks()?;
        let label = kind == Kind::Name && self.scan.before()[start..].trim_end() == word;
        if label && self.scan.take(":") {
            return self.statement();
        }
        self.ends_statement()
    }

    /// A declaration has a name and no semicolon.
    fn declared(&mut self, parse: impl FnOnce(&mut Self) -> Option<()>) -> Option<()> {
        let start = self.scan.at();
        parse(self)?;
        let text = &self.scan.before()[start..];
        let name = text.trim_start_matches(|c: char| c.is_alphabetic());
        let name = name.trim_start_matches(['*', ' ', '\t', '\n']);
        (!name.starts_with(['(', '{'])).then_some(())
    }

    fn declarations(&mut self, keyword: usize) -> Option<()> {
        self.scan.skip(keyword);
        self.declarators()?;
        self.ends_statement()
    }

    fn declarators(&mut self) -> Option<()> {
        loop {
            let unresolved = self.unresolved;
            self.blanks()?;
            // The target is parsed with its value: `a = 1` is an assignment that declares.
            self.assignment()?.is_declarable().then_some(())?;
            self.unresolved = unresolved;
            if !self.mark(",")? {
                return Some(());
            }
        }
    }

    /// A semicolon, or a place where one is inserted.
    pub(super) fn ends_statement(&mut self) -> Option<()> {
        self.blanks()?;
        let inserted = self.new_line || self.scan.peek().is_none() || self.scan.starts_with("}");
        (self.scan.take(";") || inserted).then_some(())
    }

    /// `(expression)` after `if`, `while`, `switch`.
    fn head(&mut self) -> Option<()> {
        self.need("(")?;
        self.within(Frame::Parenthesis, |parser| {
            parser.expression()?;
            parser.blanks()
        })?;
        self.scan.expect(")")
    }

    fn for_loop(&mut self) -> Option<()> {
        self.scan.skip(3);
        self.keyword("await")?;
        self.need("(")?;
        self.within(Frame::Parenthesis, |parser| {
            parser.has_in = false;
            parser.blanks()?;
            let word = parser.peek_word();
            let unresolved = parser.unresolved;
            if matches!(word, "var" | "let" | "const") {
                parser.scan.skip(word.len());
                parser.declarators()?;
            } else if !parser.scan.starts_with(";") {
                parser.expression()?;
            }
            parser.blanks()?;
            parser.has_in = true;
            let iterates = parser.peek_word();
            if matches!(iterates, "in" | "of") {
                parser.unresolved = unresolved;
                parser.scan.skip(iterates.len());
                parser.expression()?;
                return parser.blanks();
            }
            parser.scan.expect(";")?;
            parser.blanks()?;
            if !parser.scan.starts_with(";") {
                parser.expression()?;
            }
            parser.need(";")?;
            parser.blanks()?;
            if !parser.scan.starts_with(")") {
                parser.doubting(Self::expression)?;
            }
            parser.blanks()
        })?;
        self.scan.expect(")")?;
        self.doubting(Self::statement)
    }

    fn switch(&mut self) -> Option<()> {
        self.scan.skip("switch".len());
        self.head()?;
        self.need("{")?;
        self.within(Frame::Brace, |parser| {
            loop {
                parser.blanks()?;
                if parser.scan.starts_with("}") {
                    return Some(());
                }
                if parser.keyword("case")? {
                    parser.expression()?;
                } else if !parser.keyword("default")? {
                    return None;
                }
                parser.need(":")?;
                parser.doubting(Self::statements)?;
            }
        })?;
        self.scan.expect("}")
    }

    fn try_catch(&mut self) -> Option<()> {
        self.scan.skip("try".len());
        self.blanks()?;
        self.block()?;
        let mut parts = 0;
        if self.keyword("catch")? {
            parts += 1;
            if self.mark("(")? {
                self.within(Frame::Parenthesis, |parser| {
                    parser.assignment()?.is_declarable().then_some(())?;
                    parser.blanks()
                })?;
                self.scan.expect(")")?;
            }
            self.blanks()?;
            self.doubting(Self::block)?;
        }
        if self.keyword("finally")? {
            parts += 1;
            self.blanks()?;
            self.block()?;
        }
        (parts > 0).then_some(())
    }
}
