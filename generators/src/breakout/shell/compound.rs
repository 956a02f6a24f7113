//! Compound commands of sh and Bash: `if`, `for`, `case`, `[[ … ]]`.

use super::{
    Frame, Shell,
    parse::{End, Parsed, Walk},
    word::Reader,
};

impl Walk {
    /// A list that must end with this reserved word.
    pub(super) fn expect(&mut self, reader: &mut Reader<'_>, word: &str) -> Parsed<()> {
        let start = reader.at();
        let end = self.list(reader)?;
        let empty = reader.between(start).trim() == word;
        (end == End::Keyword(word.to_owned()) && !empty).then_some(())
    }

    pub(super) fn branches(&mut self, reader: &mut Reader<'_>) -> Parsed<()> {
        loop {
            let start = reader.at();
            let end = self.doubting(|walk| walk.list(reader))?;
            let End::Keyword(end) = end else { return None };
            if reader.between(start).trim() == end {
                return None;
            }
            match end.as_str() {
                "fi" => return Some(()),
                "elif" => self.doubting(|walk| walk.expect(reader, "then"))?,
                "else" => return self.doubting(|walk| walk.expect(reader, "fi")),
                _ => return None,
            }
        }
    }

    pub(super) fn for_loop(&mut self, reader: &mut Reader<'_>) -> Parsed<()> {
        self.blanks(reader);
        if self.shell == Shell::Bash && reader.starts_with("((") {
            self.take(reader);
            self.take(reader);
            self.within(Frame::Arithmetic, |walk| walk.arithmetic(reader))?;
            self.blanks(reader);
            if reader.peek() == Some(';') {
                self.take(reader);
            }
        } else {
            let name = self.word(reader)?;
            if !name.is_name() {
                return None;
            }
            self.lines(reader)?;
            if reader.keyword() == "in" {
                self.take(reader);
                self.take(reader);
                self.blanks(reader);
                while reader.begins_word() {
                    self.word(reader)?;
                    self.blanks(reader);
                }
                match reader.peek() {
                    Some(';') if !reader.starts_with(";;") => self.take(reader),
                    Some('\n') => self.newline(reader)?,
                    _ => return None,
                }
            } else if reader.peek() == Some(';') {
                self.take(reader);
            }
        }
        self.lines(reader)?;
        if reader.keyword() != "do" {
            return None;
        }
        self.take(reader);
        self.take(reader);
        self.doubting(|walk| walk.expect(reader, "done"))
    }

    pub(super) fn case(&mut self, reader: &mut Reader<'_>) -> Parsed<()> {
        self.blanks(reader);
        self.word(reader)?;
        self.lines(reader)?;
        if reader.keyword() != "in" {
            return None;
        }
        self.take(reader);
        self.take(reader);
        loop {
            self.lines(reader)?;
            if reader.keyword() == "esac" {
                (0..4).for_each(|_| self.take(reader));
                return Some(());
            }
            if reader.peek() == Some('(') {
                self.take(reader);
            }
            loop {
                self.blanks(reader);
                self.doubting(|walk| walk.word(reader))?;
                self.blanks(reader);
                match reader.peek() {
                    Some('|') => self.take(reader),
                    Some(')') => break,
                    _ => return None,
                }
            }
            self.take(reader);
            match self.doubting(|walk| walk.list(reader))? {
                End::Case => {}
                End::Keyword(word) if word == "esac" => return Some(()),
                _ => return None,
            }
        }
    }

    /// The words of `[[ … ]]`.
    pub(super) fn condition(&mut self, reader: &mut Reader<'_>) -> Parsed<()> {
        let mut words = 0;
        loop {
            self.lines(reader)?;
            match reader.peek()? {
                ';' => return None,
                '&' | '|' => {
                    if !reader.starts_with("&&") && !reader.starts_with("||") {
                        return None;
                    }
                    self.take(reader);
                    self.take(reader);
                }
                '(' | ')' | '<' | '>' => self.take(reader),
                _ => {
                    let word = self.word(reader)?;
                    if !word.quoted && word.literal() == "]]" {
                        return (words > 0).then_some(());
                    }
                    words += 1;
                }
            }
        }
    }
}
