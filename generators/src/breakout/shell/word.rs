//! Words of sh and Bash: quotes, expansions, redirections, here-documents, comments.

use super::{
    Frame, Shell,
    parse::{End, Parsed, Walk},
};

/// A character and the byte of the text at which it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Char {
    pub(super) c: char,
    pub(super) at: usize,
}

/// Stands in a value for what only the shell knows: the result of an expansion.
const OPAQUE: Char = Char { c: 'x', at: usize::MAX };

/// A word with its quotes removed.
#[derive(Clone, Debug, Default)]
pub(super) struct Word {
    pub(super) value: Vec<Char>,
    /// A part of it was quoted.
    pub(super) quoted: bool,
    expanded: bool,
}

impl Word {
    pub(super) fn of(value: &[Char]) -> Word {
        Word { value: value.to_vec(), quoted: true, expanded: false }
    }

    pub(super) fn literal(&self) -> String {
        self.value.iter().map(|it| it.c).collect()
    }

    pub(super) fn is_constant(&self) -> bool {
        !self.expanded
    }

    pub(super) fn is_name(&self) -> bool {
        let name = self.literal();
        !self.quoted && !self.expanded && is_name(&name)
    }

    pub(super) fn is_assignment(&self) -> bool {
        let text = self.literal();
        text.split_once('=').is_some_and(|(name, _)| {
            let name = name.strip_suffix('+').unwrap_or(name);
            is_name(name.split('[').next().unwrap_or(name))
        })
    }

    pub(super) fn ends_with(&self, c: char) -> bool {
        self.value.last().is_some_and(|it| it.c == c)
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A here-document whose body begins after the next newline.
struct Pending {
    delimiter: String,
    quoted: bool,
    strips_tabs: bool,
}

/// A position in the characters of one program.
pub(super) struct Reader<'a> {
    chars: &'a [Char],
    at: usize,
    pending: Vec<Pending>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(chars: &'a [Char]) -> Reader<'a> {
        Reader { chars, at: 0, pending: Vec::new() }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.chars.get(self.at).map(|it| it.c)
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn back(&mut self, at: usize) {
        self.at = at;
    }

    pub(super) fn between(&self, start: usize) -> String {
        self.chars[start..self.at].iter().map(|it| it.c).collect()
    }

    pub(super) fn starts_with(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(index, c)| self.chars.get(self.at + index).is_some_and(|it| it.c == c))
    }

    pub(super) fn begins_word(&self) -> bool {
        self.peek().is_some_and(|c| !is_meta(c)) || self.process_substitution()
    }

    fn process_substitution(&self) -> bool {
        self.starts_with("<(") || self.starts_with(">(")
    }

    /// The unquoted letters up to the next blank or operator: a reserved word, if it is one.
    pub(super) fn keyword(&self) -> String {
        self.chars[self.at..].iter().map(|it| it.c).take_while(|c| !is_meta(*c)).collect()
    }
}

fn is_meta(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>')
}

impl Walk {
    pub(super) fn take(&mut self, reader: &mut Reader<'_>) {
        if let Some(c) = reader.chars.get(reader.at) {
            self.pass(*c);
            reader.at += 1;
        }
    }

    fn next(&mut self, reader: &mut Reader<'_>) -> Option<Char> {
        let c = *reader.chars.get(reader.at)?;
        self.take(reader);
        Some(c)
    }

    /// Blanks, joined lines, and a comment, which ends before its newline.
    pub(super) fn blanks(&mut self, reader: &mut Reader<'_>) {
        loop {
            match reader.peek() {
                Some(' ' | '\t') => self.take(reader),
                Some('\\') if reader.starts_with("\\\n") => {
                    self.take(reader);
                    self.take(reader);
                }
                Some('#') if reader.at == 0 || is_meta(reader.chars[reader.at - 1].c) => {
                    self.stack.push(Frame::Comment);
                    while reader.peek().is_some_and(|c| c != '\n') {
                        self.take(reader);
                    }
                    self.stack.pop();
                    return;
                }
                _ => return,
            }
        }
    }

    /// Blanks, comments and newlines.
    pub(super) fn lines(&mut self, reader: &mut Reader<'_>) -> Parsed<()> {
        loop {
            self.blanks(reader);
            if reader.peek() != Some('\n') {
                return Some(());
            }
            self.newline(reader)?;
        }
    }

    /// A newline, and the here-documents that were announced before it.
    pub(super) fn newline(&mut self, reader: &mut Reader<'_>) -> Parsed<()> {
        self.take(reader);
        for document in std::mem::take(&mut reader.pending) {
            self.here_document(reader, &document)?;
        }
        Some(())
    }

    fn here_document(&mut self, reader: &mut Reader<'_>, document: &Pending) -> Parsed<()> {
        let start = reader.at;
        loop {
            let line = reader.at;
            let end = reader.chars[line..].iter().position(|it| it.c == '\n').map(|it| line + it);
            let text: String =
                reader.chars[line..end.unwrap_or(reader.chars.len())].iter().map(|it| it.c).collect();
            let text = if document.strips_tabs { text.trim_start_matches('\t') } else { &text };
            if text == document.delimiter {
                let body = &reader.chars[start..line];
                self.body(body, document)?;
                reader.at = end.unwrap_or(reader.chars.len());
                if end.is_some() {
                    reader.at += 1;
                }
                return Some(());
            }
            // Without its delimiter a document ends with the text; Bash warns.
            let Some(end) = end else {
                let body = &reader.chars[start..];
                reader.at = reader.chars.len();
                return self.body(body, document);
            };
            reader.at = end + 1;
        }
    }

    fn body(&mut self, chars: &[Char], document: &Pending) -> Parsed<()> {
        let mut reader = Reader::new(chars);
        if document.quoted {
            return self.within(Frame::QuotedHereDocument(document.delimiter.clone()), |walk| {
                while reader.peek().is_some() {
                    walk.take(&mut reader);
                }
                Some(())
            });
        }
        self.within(Frame::HereDocument, |walk| {
            let mut word = Word::default();
            while walk.quoted_part(&mut reader, &mut word, '\0')? {}
            Some(())
        })
    }

    /// A redirection, if one begins here.
    pub(super) fn redirection(&mut self, reader: &mut Reader<'_>) -> Parsed<bool> {
        let digits = reader.chars[reader.at..].iter().take_while(|it| it.c.is_ascii_digit()).count();
        let mark = reader.chars.get(reader.at + digits).map(|it| it.c);
        let both = self.shell == Shell::Bash && reader.starts_with("&>");
        if both {
            self.take(reader);
        } else if !matches!(mark, Some('<' | '>')) {
            return Some(false);
        } else if digits == 0 && self.shell == Shell::Bash && reader.process_substitution() {
            return Some(false);
        } else {
            (0..digits).for_each(|_| self.take(reader));
        }
        let bash = self.shell == Shell::Bash;
        let operators = ["<<<", "<<-", "<<", ">>", "<&", ">&", "<>", ">|", "<", ">"];
        let operator = operators.iter().find(|it| reader.starts_with(it) && (bash || **it != "<<<"))?;
        operator.chars().for_each(|_| self.take(reader));
        self.blanks(reader);
        if !reader.begins_word() {
            return None;
        }
        if !operator.starts_with("<<") || *operator == "<<<" {
            self.word(reader)?;
            return Some(true);
        }
        // The delimiter is not expanded.
        let word = self.word(reader)?;
        reader.pending.push(Pending {
            delimiter: word.literal(),
            quoted: word.quoted,
            strips_tabs: *operator == "<<-",
        });
        Some(true)
    }

    /// One word. The reader must stand where one begins.
    pub(super) fn word(&mut self, reader: &mut Reader<'_>) -> Parsed<Word> {
        let mut word = Word::default();
        let start = reader.at;
        while let Some(c) = reader.peek() {
            match c {
                '\\' => {
                    self.take(reader);
                    word.quoted = true;
                    match self.next(reader) {
                        Some(c) if c.c == '\n' => {}
                        Some(c) => word.value.push(c),
                        None => word.value.extend(reader.chars.last()),
                    }
                }
                '\'' => {
                    self.take(reader);
                    word.quoted = true;
                    self.within(Frame::Single, |walk| walk.until_quote(reader, &mut word))?;
                }
                '"' => {
                    self.take(reader);
                    word.quoted = true;
                    self.within(Frame::Double, |walk| {
                        while walk.quoted_part(reader, &mut word, '"')? {}
                        Some(())
                    })?;
                    self.take(reader);
                }
                '`' => self.backticks(reader, &mut word, '\0')?,
                '$' => self.dollar(reader, &mut word, '\0')?,
                '<' | '>' if self.shell == Shell::Bash && reader.process_substitution() => {
                    self.take(reader);
                    self.take(reader);
                    let end = self.within(Frame::Process, |walk| walk.list(reader))?;
                    if end != End::Parenthesis {
                        return None;
                    }
                    word.expand();
                }
                c if is_meta(c) => break,
                _ => word.value.extend(self.next(reader)),
            }
        }
        (reader.at > start).then_some(word)
    }

    /// The rest of `'…'` with its closing quote. The frame is around both, as one in which the
    /// marker may stand.
    fn until_quote(&mut self, reader: &mut Reader<'_>, word: &mut Word) -> Parsed<()> {
        loop {
            match self.next(reader)? {
                Char { c: '\'', .. } => return Some(()),
                c => word.value.push(c),
            }
        }
    }

    /// One character or expansion within double quotes or a here-document; false before `quote`.
    fn quoted_part(&mut self, reader: &mut Reader<'_>, word: &mut Word, quote: char) -> Parsed<bool> {
        let Some(c) = reader.peek() else {
            return (quote == '\0').then_some(false);
        };
        match c {
            c if c == quote => return Some(false),
            '\\' => {
                let escaped = reader.chars.get(reader.at + 1).map(|it| it.c);
                let special = matches!(escaped, Some('$' | '`' | '\\' | '\n'));
                let backslash = self.next(reader)?;
                if !special && !(escaped == Some('"') && quote == '"') {
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

    fn backticks(&mut self, reader: &mut Reader<'_>, word: &mut Word, quote: char) -> Parsed<()> {
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
    fn dollar(&mut self, reader: &mut Reader<'_>, word: &mut Word, quote: char) -> Parsed<()> {
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
    fn expand(&mut self) {
        self.expanded = true;
        self.value.push(OPAQUE);
    }
}
