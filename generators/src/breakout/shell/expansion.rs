//! Quotes and expansions of sh and Bash: `'…'`, `"…"`, backticks, `$(…)`, `${…}`, `$((…))`.

use super::{
    Frame, Shell,
    parse::{End, Parsed, Walk},
    word::{Char, Reader, Word},
};

/// Stands in a value for what only the shell knows: the result of an expansion.
const OPAQUE: Char = Char { c: 'x', at: usize::MAX };

impl Walk {
    /// The rest of `'…'` with its closing quote. The frame is around both, as one in which the
    /// marker may stand.
    pub(super) fn until_quote(&mut self, reader: &mut Reader<'_>, word: &mut Word) -> Parsed<()> {
        loop {
            match self.next(reader)? {
                Char { c: '\'', .. } => return Some(()),
                c => word.value.push(c),
            }
        }
    }

    /// One character or expansion within double quotes or a here-document; false before `quote`.
    pub(super) fn quoted_part(
        &mut self,
        reader: &mut Reader<'_>,
        word: &mut Word,
        quote: char,
    ) -> Parsed<bool> {
        let Some(c) = reader.peek() else {
            return (quote == '\0').then_some(false);
        };
        match c {
            c if c == quote => return Some(false),
            '\\' => {
                let escaped = reader.chars.get(reader.at + 1).map(|it| it.c);
                let quoted = escaped == Some('"') && quote == '"';
                let special = quoted || matches!(escaped, Some('$' | '`' | '\\' | '\n'));
                let backslash = self.next(reader)?;
                if !special {
                    word.value.push(backslash);
                } else if escaped == Some('\n') {
                    self.take(reader);
                } else {
                    word.value.extend(self.next(reader));
                }
            }
            '`' => self.backticks(reader, word, quote)?,
            '$' => self.dollar(reader, word, '"')?,
            _ => word.value.extend(self.next(reader)),
        }
        Some(true)
    }

    pub(super) fn backticks(&mut self, reader: &mut Reader<'_>, word: &mut Word, quote: char) -> Parsed<()> {
        self.take(reader);
        let mut program = Vec::new();
        loop {
            let c = *reader.chars.get(reader.at)?;
            reader.at += 1;
            match c.c {
                '`' => break,
                '\\' => {
                    let escaped = *reader.chars.get(reader.at)?;
                    let unescaped =
                        matches!(escaped.c, '$' | '`' | '\\') || (escaped.c == '"' && quote == '"');
                    if !unescaped {
                        program.push(c);
                    }
                    program.push(escaped);
                    reader.at += 1;
                }
                _ => program.push(c),
            }
        }
        word.expand();
        self.within(Frame::Backtick, |walk| walk.program(&program))
    }

    /// An expansion; `quote` is `"` within double quotes or a here-document.
    pub(super) fn dollar(&mut self, reader: &mut Reader<'_>, word: &mut Word, quote: char) -> Parsed<()> {
        let dollar = self.next(reader)?;
        let bash = self.shell == Shell::Bash;
        match reader.peek() {
            Some('(') => {
                self.take(reader);
                word.expand();
                if reader.peek() == Some('(') && !bash {
                    // Dash has no other reading of `$((`.
                    self.take(reader);
                    return self.within(Frame::Arithmetic, |walk| walk.arithmetic(reader));
                }
                if reader.peek() == Some('(') {
                    let start = reader.at;
                    let (places, commands) = (self.places.len(), self.commands.len());
                    self.take(reader);
                    if self.within(Frame::Arithmetic, |walk| walk.arithmetic(reader)).is_some() {
                        return Some(());
                    }
                    // `$((…) …)`: a substitution that begins with a subshell.
                    reader.at = start;
                    self.places.truncate(places);
                    self.commands.truncate(commands);
                }
                let end = self.within(Frame::Substitution, |walk| walk.list(reader))?;
                (end == End::Parenthesis).then_some(())
            }
            Some('{') => {
                self.take(reader);
                word.expand();
                self.within(Frame::Parameter, |walk| walk.parameter(reader, quote))
            }
            Some('\'') if bash && quote != '"' => {
                self.take(reader);
                word.expand();
                word.quoted = true;
                self.within(Frame::Escaped, |walk| {
                    loop {
                        match walk.next(reader)?.c {
                            '\\' => walk.take(reader),
                            '\'' => return Some(()),
                            _ => {}
                        }
                    }
                })
            }
            Some('"') if bash && quote != '"' => Some(()),
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                word.expand();
                while reader.peek().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
                    self.take(reader);
                }
                Some(())
            }
            Some('0'..='9' | '@' | '*' | '#' | '?' | '-' | '$' | '!') => {
                word.expand();
                self.take(reader);
                Some(())
            }
            _ => {
                word.value.push(dollar);
                Some(())
            }
        }
    }

    /// The rest of `${…}`. Whether the word in it is expanded depends on the parameter.
    fn parameter(&mut self, reader: &mut Reader<'_>, quote: char) -> Parsed<()> {
        let name_start = reader.at;
        while reader.peek().is_some_and(|c| c.is_ascii_alphanumeric() || "_#!@*?$-".contains(c)) {
            self.take(reader);
            if !reader.chars[name_start].c.is_ascii_alphanumeric() && reader.at - name_start > 1 {
                break;
            }
        }
        if reader.at == name_start {
            return None;
        }
        let operator = reader.peek()?;
        if !matches!(operator, '}' | ':' | '-' | '+' | '=' | '?' | '%' | '#' | '/' | '^' | ',' | '@' | '[') {
            // Dash and Bash: bad substitution.
            let name: String = reader.between(name_start);
            return (name.starts_with(['#', '!']) && operator == '}').then_some(());
        }
        self.doubting(|walk| {
            let mut word = Word::default();
            loop {
                match reader.peek()? {
                    '}' => {
                        walk.take(reader);
                        return Some(());
                    }
                    '\\' => {
                        walk.take(reader);
                        walk.take(reader);
                    }
                    '\'' if quote != '"' => {
                        walk.take(reader);
                        walk.within(Frame::Single, |walk| walk.until_quote(reader, &mut word))?;
                    }
                    '"' => {
                        walk.take(reader);
                        walk.within(Frame::Double, |walk| {
                            while walk.quoted_part(reader, &mut word, '"')? {}
                            Some(())
                        })?;
                        walk.take(reader);
                    }
                    '`' => walk.backticks(reader, &mut word, quote)?,
                    '$' => walk.dollar(reader, &mut word, quote)?,
                    _ => walk.take(reader),
                }
            }
        })
    }

    /// The rest of `((…))` with its end.
    pub(super) fn arithmetic(&mut self, reader: &mut Reader<'_>) -> Parsed<()> {
        let mut word = Word::default();
        let mut open = 0_usize;
        let start = reader.at;
        loop {
            match reader.peek()? {
                ')' if open == 0 => {
                    // An error in arithmetic ends the line, and in dash the shell.
                    let body = reader.between(start);
                    let body = body.trim_end();
                    let counts = body.ends_with("++") || body.ends_with("--");
                    let dangling = !counts && body.ends_with(|c| "+-*/%=<>&|?:^".contains(c));
                    if !reader.starts_with("))") || dangling {
                        return None;
                    }
                    self.take(reader);
                    self.take(reader);
                    return Some(());
                }
                ')' => {
                    open -= 1;
                    self.take(reader);
                }
                '(' => {
                    open += 1;
                    self.take(reader);
                }
                ';' | '\'' if self.shell == Shell::Posix => return None,
                _ => {
                    self.quoted_part(reader, &mut word, '\0')?;
                }
            }
        }
    }
}

impl Word {
    pub(super) fn expand(&mut self) {
        self.expanded = true;
        self.value.push(OPAQUE);
    }
}
