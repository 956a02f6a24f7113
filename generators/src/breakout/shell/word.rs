//! Words of sh and Bash, and what stands between them: blanks, comments, redirections,
//! here-documents.

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

/// A word with its quotes removed.
#[derive(Clone, Debug, Default)]
pub(super) struct Word {
    pub(super) value: Vec<Char>,
    /// A part of it was quoted.
    pub(super) quoted: bool,
    pub(super) expanded: bool,
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
    pub(super) chars: &'a [Char],
    pub(super) at: usize,
    pending: Vec<Pending>,
    /// A here-document has been read.
    pub(super) has_documents: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(chars: &'a [Char]) -> Reader<'a> {
        Reader { chars, at: 0, pending: Vec::new(), has_documents: false }
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

    pub(super) fn next(&mut self, reader: &mut Reader<'_>) -> Option<Char> {
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
            reader.has_documents = true;
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
        let bash = self.shell == Shell::Bash;
        if bash && reader.starts_with("&>") {
            self.take(reader);
        } else {
            let process = digits == 0 && bash && reader.process_substitution();
            if process || !matches!(mark, Some('<' | '>')) {
                return Some(false);
            }
            (0..digits).for_each(|_| self.take(reader));
        }
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
}
