//! Statements and blocks of Python. "The Python Language Reference" 3.13, chapters 2, 7 and 8.

use super::{
    Frame,
    parse::{Kind, Parser},
};

const AUGMENTED: &[&str] =
    &["**=", "//=", ">>=", "<<=", "+=", "-=", "*=", "/=", "%=", "@=", "&=", "|=", "^="];

impl Parser<'_, '_> {
    /// The lines of a block with this indentation, up to one with less.
    pub(super) fn lines(&mut self, indentation: usize) -> Option<()> {
        let dead = self.dead;
        let mut first = true;
        while let Some(width) = self.next_line()? {
            if width < indentation {
                break;
            }
            if width > indentation && !first {
                return None;
            }
            first = false;
            self.scan.take_while(|c| matches!(c, ' ' | '\t'));
            self.statement(indentation)?;
        }
        self.dead = dead;
        Some(())
    }

    /// Skips empty lines and comments; the indentation of the next line, which stays.
    #[expect(clippy::option_option, reason = "the outer one is failure, as everywhere in the parser")]
    fn next_line(&mut self) -> Option<Option<usize>> {
        loop {
            let rest = self.scan.rest();
            let width = rest.len() - rest.trim_start_matches([' ', '\t', '\u{c}']).len();
            match rest[width..].chars().next() {
                None => {
                    self.scan.skip(width);
                    return Some(None);
                }
                Some('\n' | '\r') => self.scan.skip(width + 1),
                Some('#') => {
                    self.scan.skip(width);
                    self.comment()?;
                }
                Some(_) => return Some(Some(width)),
            }
        }
    }

    fn statement(&mut self, indentation: usize) -> Option<()> {
        self.scan.deeper()?;
        let result = self.statement_inside(indentation);
        self.scan.back_up();
        result
    }

    fn statement_inside(&mut self, indentation: usize) -> Option<()> {
        let word = self.peek_word();
        match word {
            "if" => {
                self.scan.skip(2);
                self.named()?;
                self.doubting(|parser| parser.suite(indentation))?;
                while self.clause(indentation, &["elif"])?.is_some() {
                    self.doubting(Self::named)?;
                    self.doubting(|parser| parser.suite(indentation))?;
                }
                self.otherwise(indentation)
            }
            "while" => {
                self.scan.skip(5);
                self.named()?;
                self.doubting(|parser| parser.suite(indentation))?;
                self.otherwise(indentation)
            }
            "for" => {
                self.scan.skip(3);
                self.targets()?;
                self.expressions()?;
                self.doubting(|parser| parser.suite(indentation))?;
                self.otherwise(indentation)
            }
            "async" => {
                self.scan.skip(5);
                self.blanks()?;
                matches!(self.peek_word(), "def" | "for" | "with").then_some(())?;
                self.statement_inside(indentation)
            }
            "try" => self.try_except(indentation),
            "with" => {
                self.scan.skip(4);
                self.contexts()?;
                self.suite(indentation)
            }
            "def" => {
                self.scan.skip(3);
                self.blanks()?;
                let name = self.peek_word();
                self.scan.skip(name.len());
                self.need("(")?;
                self.within(Frame::Parenthesis, |parser| parser.parameters(")"))?;
                self.scan.expect(")")?;
                if self.mark("->")? {
                    self.expression()?;
                }
                (!name.is_empty()).then(|| self.doubting(|parser| parser.suite(indentation)))?
            }
            "class" => {
                self.scan.skip(5);
                self.blanks()?;
                let name = self.peek_word();
                self.scan.skip(name.len());
                if self.mark("(")? {
                    self.within(Frame::Parenthesis, Self::arguments)?;
                    self.scan.expect(")")?;
                }
                (!name.is_empty()).then(|| self.suite(indentation))?
            }
            "match" if self.begins_match() => {
                self.scan.skip(5);
                self.expressions()?;
                self.cases(indentation)
            }
            "" if self.scan.take("@") => {
                self.named()?;
                self.ends_line()?;
                let width = self.next_line()??;
                (width == indentation && self.begins_definition(width)).then_some(())
            }
            "elif" | "else" | "except" | "finally" => None,
            _ => self.simple_statements(),
        }
    }

    fn begins_definition(&self, width: usize) -> bool {
        let rest = &self.scan.rest()[width..];
        ["def ", "class ", "async ", "@"].iter().any(|it| rest.starts_with(it))
    }

    /// `match` is a keyword only if its line ends with a colon and `case` follows.
    fn begins_match(&self) -> bool {
        let rest = self.scan.rest();
        let mut lines = rest.lines();
        let first = lines.next().unwrap_or_default().trim_end();
        first.ends_with(':') && lines.next().is_some_and(|it| it.trim_start().starts_with("case "))
    }

    fn cases(&mut self, indentation: usize) -> Option<()> {
        self.need(":")?;
        self.ends_line()?;
        let width = self.next_line()??;
        (width > indentation).then_some(())?;
        while self.clause(width, &["case"])?.is_some() {
            self.pattern()?;
            if self.keyword("if")? {
                self.doubting(Self::named)?;
            }
            self.doubting(|parser| parser.suite(width))?;
        }
        Some(())
    }

    /// A pattern is no expression: operators and calls in it are not evaluated.
    fn pattern(&mut self) -> Option<()> {
        let kept = self.fired;
        loop {
            self.blanks()?;
            let start = self.scan.at();
            if let Some(quotes) = self.quotes() {
                self.string(quotes)?;
            } else {
                self.operators()?;
            }
            // Of operators only `|` is one, between patterns; `*` and `+` are not.
            let text = &self.scan.before()[start..];
            let plain = text.starts_with(['\'', '"']) || !text.contains(['+', '*', '%', '/', '<']);
            plain.then_some(())?;
            if self.keyword("as")? {
                let name = self.peek_word();
                self.scan.skip(name.len());
            }
            if !self.mark("|")? && !self.mark(",")? {
                break;
            }
        }
        self.fired = kept;
        Some(())
    }

    /// `with a as b, c as d`, with or without parentheses.
    fn contexts(&mut self) -> Option<()> {
        loop {
            self.expression()?;
            if self.keyword("as")? {
                let target = self.expression()?;
                (target != Kind::Value).then_some(())?;
            }
            if !self.mark(",")? {
                return Some(());
            }
        }
    }

    fn try_except(&mut self, indentation: usize) -> Option<()> {
        self.scan.skip(3);
        self.suite(indentation)?;
        let mut handlers = 0;
        while let Some(word) = self.clause(indentation, &["except", "finally", "else"])? {
            handlers += usize::from(word != "else");
            if word == "except" {
                self.mark("*")?;
                self.blanks()?;
                if !self.scan.starts_with(":") {
                    self.doubting(Self::expressions)?;
                    if self.keyword("as")? {
                        self.blanks()?;
                        let name = self.peek_word();
                        self.scan.skip(name.len());
                    }
                }
            }
            if word == "finally" {
                self.suite(indentation)?;
            } else {
                self.doubting(|parser| parser.suite(indentation))?;
            }
        }
        (handlers > 0).then_some(())
    }

    fn otherwise(&mut self, indentation: usize) -> Option<()> {
        if self.clause(indentation, &["else"])?.is_some() {
            self.doubting(|parser| parser.suite(indentation))?;
        }
        Some(())
    }

    /// Consumes one of these words if the next line has this indentation and begins with it.
    #[expect(clippy::option_option, reason = "the outer one is failure, as everywhere in the parser")]
    fn clause(&mut self, indentation: usize, words: &[&'static str]) -> Option<Option<&'static str>> {
        if self.next_line()? != Some(indentation) {
            return Some(None);
        }
        let line = &self.scan.rest()[indentation..];
        let found = words
            .iter()
            .find(|word| line.strip_prefix(**word).is_some_and(|it| !it.starts_with(super::parse::is_word)));
        if let Some(word) = found {
            self.scan.skip(indentation + word.len());
        }
        Some(found.copied())
    }

    /// A colon, and a block or the rest of the line.
    fn suite(&mut self, indentation: usize) -> Option<()> {
        self.need(":")?;
        self.blanks()?;
        let dead = self.dead;
        if self.scan.peek().is_some_and(|c| !matches!(c, '\n' | '\r' | '#')) {
            self.simple_statements()?;
        } else {
            self.ends_line()?;
            let width = self.next_line()??;
            (width > indentation).then_some(())?;
            self.lines(width)?;
        }
        self.dead = dead;
        Some(())
    }

    fn ends_line(&mut self) -> Option<()> {
        self.blanks()?;
        if self.scan.starts_with("#") {
            self.comment()?;
        }
        self.scan.take("\r");
        (self.scan.peek().is_none() || self.scan.take("\n")).then_some(())
    }

    /// Statements with semicolons, and the end of the line.
    fn simple_statements(&mut self) -> Option<()> {
        loop {
            self.simple()?;
            self.blanks()?;
            if !self.scan.take(";") {
                return self.ends_line();
            }
            self.blanks()?;
            if self.scan.peek().is_none_or(|c| matches!(c, '\n' | '\r' | '#')) {
                return self.ends_line();
            }
        }
    }

    fn simple(&mut self) -> Option<()> {
        let word = self.peek_word();
        match word {
            "pass" => self.scan.skip(4),
            "break" | "continue" | "return" | "raise" => {
                self.scan.skip(word.len());
                if word.starts_with(['b', 'c']) {
                    self.dead += 1;
                    return Some(());
                }
                if !self.ends()? {
                    self.expressions()?;
                    if word == "raise" && self.keyword("from")? {
                        self.expression()?;
                    }
                }
                self.dead += 1;
            }
            "global" | "nonlocal" => {
                self.scan.skip(word.len());
                (self.expressions()? != Kind::Value).then_some(())?;
            }
            "del" => {
                self.scan.skip(3);
                (self.expressions()? != Kind::Value).then_some(())?;
            }
            "assert" => {
                self.scan.skip(6);
                self.expression()?;
                if self.mark(",")? {
                    self.doubting(Self::expression)?;
                }
            }
            "import" | "from" => return self.import(word),
            _ => return self.assignment(),
        }
        Some(())
    }

    fn import(&mut self, word: &str) -> Option<()> {
        self.scan.skip(word.len());
        if word == "from" {
            self.blanks()?;
            self.scan.take_while(|c| c == '.' || super::parse::is_word(c));
            self.keyword("import")?.then_some(())?;
            if self.mark("*")? {
                return Some(());
            }
        }
        let bracket = self.mark("(")?;
        self.open += usize::from(bracket);
        loop {
            self.blanks()?;
            let name = self.scan.take_while(|c| c == '.' || super::parse::is_word(c));
            if name.is_empty() {
                return None;
            }
            if self.keyword("as")? {
                self.blanks()?;
                let name = self.peek_word();
                self.scan.skip(name.len());
            }
            if !self.mark(",")? {
                break;
            }
        }
        if bracket {
            self.need(")")?;
            self.open -= 1;
        }
        Some(())
    }

    /// An expression, or targets with values.
    fn assignment(&mut self) -> Option<()> {
        let mut kind = self.expressions()?;
        self.blanks()?;
        if let Some(operator) = AUGMENTED.iter().find(|it| self.scan.starts_with(it)) {
            matches!(kind, Kind::Name | Kind::Member).then_some(())?;
            self.scan.skip(operator.len());
            return self.expressions().map(|_| ());
        }
        if self.scan.starts_with(":") && !self.scan.starts_with(":=") {
            matches!(kind, Kind::Name | Kind::Member).then_some(())?;
            self.scan.skip(1);
            self.expression()?;
            if self.mark("=")? {
                self.expressions()?;
            }
            return Some(());
        }
        while self.scan.starts_with("=") && !self.scan.starts_with("==") {
            (kind != Kind::Value).then_some(())?;
            self.scan.skip(1);
            kind = self.expressions()?;
            self.blanks()?;
        }
        Some(())
    }
}
