//! The command grammar of sh and Bash: lists, pipelines, compound and simple commands.
//!
//! POSIX.1-2017 "Shell Command Language", 2.9 and 2.10. A recognizer: it keeps which commands
//! would run, and what is open where the marker stands.

use super::{
    Certainty, Frame, Shell, Trial,
    word::{Char, Reader, Word},
};

/// `None`: the shell would refuse the text, or we do not know the construct.
pub(super) type Parsed<T> = Option<T>;

/// A command that is run.
#[derive(Clone, Debug)]
pub(super) struct Command {
    name: Vec<Char>,
    pub(super) certainty: Certainty,
}

impl Command {
    /// Whether its name is the canary, and came with the payload.
    pub(super) fn is_canary(&self, trial: &Trial<'_>) -> bool {
        self.name.iter().map(|it| it.c).eq(trial.canary.chars())
            && self.name.iter().all(|it| trial.placed.contains(&it.at))
    }
}

/// What ends a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    Text,
    Parenthesis,
    Case,
    Keyword(String),
}

/// Whether the rest of a list is still reached after a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Flow {
    GoesOn,
    MayEnd,
    Ends,
}

/// The walk over a text and the programs in it.
pub(super) struct Walk {
    pub(super) shell: Shell,
    /// The byte at which the marker begins.
    watch: Option<usize>,
    pub(super) stack: Vec<Frame>,
    /// What is open at the marker, once for the text and once for each program around it.
    pub(super) places: Vec<Vec<Frame>>,
    pub(super) commands: Vec<Command>,
    /// How many constructs around may keep a command from running.
    pub(super) doubt: usize,
    /// How many commands before have ended the shell.
    dead: usize,
    /// What `set -e` changes: whether a command that fails ends the shell.
    on_error: Flow,
    /// Programs within programs; a hostile text must not exhaust the stack.
    pub(super) depth: usize,
    /// Constructs still to be entered. `$((` has two readings, and so has each in it.
    budget: usize,
}

/// Deeper than any text that a person or program writes.
const DEEPEST: usize = 120;
/// More constructs than a script of a megabyte has.
const MOST: usize = 100_000;

impl Walk {
    pub(super) fn new(shell: Shell, watch: Option<usize>) -> Walk {
        Walk {
            shell,
            watch,
            stack: Vec::new(),
            places: Vec::new(),
            commands: Vec::new(),
            doubt: 0,
            dead: 0,
            on_error: Flow::GoesOn,
            depth: 0,
            budget: MOST,
        }
    }

    pub(super) fn text(&mut self, text: &str) -> Parsed<()> {
        let chars: Vec<Char> = text.char_indices().map(|(at, c)| Char { c, at }).collect();
        self.program(&chars)
    }

    /// A whole program.
    pub(super) fn program(&mut self, chars: &[Char]) -> Parsed<()> {
        let mut reader = Reader::new(chars);
        match self.list(&mut reader)? {
            End::Text => Some(()),
            _ => None,
        }
    }

    /// Called for every character that is consumed.
    pub(super) fn pass(&mut self, c: Char) {
        if self.watch == Some(c.at) && !self.places.contains(&self.stack) {
            self.places.push(self.stack.clone());
        }
    }

    pub(super) fn within<T>(&mut self, frame: Frame, walk: impl FnOnce(&mut Walk) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= DEEPEST || self.budget == 0 {
            return None;
        }
        self.budget -= 1;
        self.depth += 1;
        self.stack.push(frame);
        let result = walk(self);
        self.stack.pop();
        self.depth -= 1;
        result
    }

    pub(super) fn doubting<T>(&mut self, walk: impl FnOnce(&mut Walk) -> Parsed<T>) -> Parsed<T> {
        self.doubt += 1;
        let result = walk(self);
        self.doubt -= 1;
        result
    }

    pub(super) fn command(&mut self, name: &Word) {
        let certainty = if self.doubt == 0 { Certainty::Always } else { Certainty::IfReached };
        if name.is_constant() && self.dead == 0 {
            self.commands.push(Command { name: name.value.clone(), certainty });
        }
    }

    /// Commands up to a terminator, which is consumed.
    pub(super) fn list(&mut self, reader: &mut Reader<'_>) -> Parsed<End> {
        let before = (self.doubt, self.dead);
        let end = self.list_inside(reader);
        (self.doubt, self.dead) = before;
        end
    }

    fn list_inside(&mut self, reader: &mut Reader<'_>) -> Parsed<End> {
        loop {
            self.lines(reader)?;
            if let Some(end) = self.terminator(reader) {
                return Some(end);
            }
            let flow = self.and_or(reader)?;
            self.blanks(reader);
            match reader.peek() {
                None => {}
                Some('\n') => self.newline(reader)?,
                Some('&') => self.take(reader),
                Some(';') if reader.starts_with(";;") || reader.starts_with(";&") => {}
                Some(';') => {
                    self.take(reader);
                    // Measured in Bash 5.2.15: in `$(…)`, behind a here-document, it loses the
                    // next semicolon, so `a; b` runs `a` with the argument `b`.
                    let loses = self.shell == Shell::Bash && reader.has_documents;
                    if loses && self.stack.contains(&Frame::Substitution) {
                        self.dead += 1;
                    }
                }
                Some(')') => {}
                // A keyword that ends a compound command needs a separator before it.
                Some(_) => return None,
            }
            match flow {
                Flow::GoesOn => {}
                Flow::MayEnd => self.doubt += 1,
                Flow::Ends => self.dead += 1,
            }
        }
    }

    /// `)`, `;;`, the end, or a reserved word that ends a compound list.
    fn terminator(&mut self, reader: &mut Reader<'_>) -> Option<End> {
        match reader.peek() {
            None => return Some(End::Text),
            Some(')') => {
                self.take(reader);
                return Some(End::Parenthesis);
            }
            Some(';') => {
                for mark in [";;&", ";;", ";&"] {
                    if reader.starts_with(mark) {
                        mark.chars().for_each(|_| self.take(reader));
                        return Some(End::Case);
                    }
                }
            }
            Some(_) => {}
        }
        let keyword = reader.keyword();
        let ends = ["then", "do", "done", "fi", "else", "elif", "esac", "}"].contains(&keyword.as_str());
        ends.then(|| {
            keyword.chars().for_each(|_| self.take(reader));
            End::Keyword(keyword)
        })
    }

    fn and_or(&mut self, reader: &mut Reader<'_>) -> Parsed<Flow> {
        let before = self.doubt;
        let mut flow = self.pipeline(reader)?;
        loop {
            self.blanks(reader);
            if !reader.starts_with("&&") && !reader.starts_with("||") {
                break;
            }
            self.take(reader);
            self.take(reader);
            self.lines(reader)?;
            self.doubt += 1;
            if self.pipeline(reader)? != Flow::GoesOn {
                flow = flow.max(Flow::MayEnd);
            }
        }
        self.doubt = before;
        // `exit & c`: what ends is a shell of its own.
        let background = reader.peek() == Some('&');
        Some(if background { Flow::GoesOn } else { flow })
    }

    fn pipeline(&mut self, reader: &mut Reader<'_>) -> Parsed<Flow> {
        while let word @ ("!" | "time") = reader.keyword().as_str() {
            word.chars().for_each(|_| self.take(reader));
            self.blanks(reader);
        }
        let mut flow = self.one(reader)?;
        loop {
            self.blanks(reader);
            if reader.peek() != Some('|') || reader.starts_with("||") {
                return Some(flow);
            }
            self.take(reader);
            if self.shell == Shell::Bash && reader.peek() == Some('&') {
                self.take(reader);
            }
            self.lines(reader)?;
            self.one(reader)?;
            // Each side of a pipe has a shell of its own.
            flow = Flow::GoesOn;
        }
    }

    fn one(&mut self, reader: &mut Reader<'_>) -> Parsed<Flow> {
        if self.depth >= DEEPEST {
            return None;
        }
        self.depth += 1;
        let flow = self.one_inside(reader);
        self.depth -= 1;
        flow
    }

    fn one_inside(&mut self, reader: &mut Reader<'_>) -> Parsed<Flow> {
        self.blanks(reader);
        let bash = self.shell == Shell::Bash;
        if reader.peek() == Some('(') {
            if bash && reader.starts_with("((") {
                let start = reader.at();
                self.take(reader);
                self.take(reader);
                if self.within(Frame::Arithmetic, |walk| walk.arithmetic(reader)).is_some() {
                    return self.redirections(reader).map(|()| Flow::GoesOn);
                }
                reader.back(start);
            }
            self.take(reader);
            let end = self.within(Frame::Subshell, |walk| walk.list(reader))?;
            return (end == End::Parenthesis).then(|| self.redirections(reader))?.map(|()| Flow::GoesOn);
        }
        let keyword = reader.keyword();
        let skip = |walk: &mut Walk, reader: &mut Reader<'_>| keyword.chars().for_each(|_| walk.take(reader));
        match keyword.as_str() {
            "{" => {
                skip(self, reader);
                self.expect(reader, "}")?;
            }
            "if" => {
                skip(self, reader);
                self.expect(reader, "then")?;
                self.branches(reader)?;
            }
            "while" | "until" => {
                skip(self, reader);
                self.expect(reader, "do")?;
                self.doubting(|walk| walk.expect(reader, "done"))?;
            }
            "for" | "select" => {
                skip(self, reader);
                self.for_loop(reader)?;
            }
            "case" => {
                skip(self, reader);
                self.case(reader)?;
            }
            "[[" if bash => {
                skip(self, reader);
                self.condition(reader)?;
            }
            "function" if bash => {
                skip(self, reader);
                self.blanks(reader);
                self.word(reader)?;
                self.blanks(reader);
                if reader.starts_with("()") {
                    self.take(reader);
                    self.take(reader);
                }
                self.lines(reader)?;
                self.doubting(|walk| walk.one(reader))?;
            }
            // Reserved words that cannot begin a command.
            "then" | "do" | "done" | "fi" | "else" | "elif" | "esac" | "}" | "in" => return None,
            _ => return self.simple(reader),
        }
        self.redirections(reader).map(|()| Flow::GoesOn)
    }

    fn redirections(&mut self, reader: &mut Reader<'_>) -> Parsed<()> {
        loop {
            self.blanks(reader);
            if !self.redirection(reader)? {
                return Some(());
            }
        }
    }

    fn simple(&mut self, reader: &mut Reader<'_>) -> Parsed<Flow> {
        let mut words: Vec<Word> = Vec::new();
        let (mut parts, mut redirected) = (0, false);
        loop {
            self.blanks(reader);
            if self.redirection(reader)? {
                parts += 1;
                redirected = true;
                continue;
            }
            if reader.peek() == Some('(') {
                // A function: the last of exactly one word.
                if words.len() != 1 || parts != 1 {
                    return None;
                }
                self.take(reader);
                self.blanks(reader);
                if reader.peek() != Some(')') || !words[0].is_name() {
                    return None;
                }
                self.take(reader);
                self.lines(reader)?;
                self.doubting(|walk| walk.one(reader))?;
                return Some(Flow::GoesOn);
            }
            if !reader.begins_word() {
                break;
            }
            let word = self.word(reader)?;
            parts += 1;
            if words.is_empty() && word.is_assignment() {
                if self.shell == Shell::Bash && reader.peek() == Some('(') && word.ends_with('=') {
                    self.take(reader);
                    self.array(reader)?;
                }
                continue;
            }
            words.push(word);
        }
        if parts == 0 {
            return None;
        }
        let flow = self.run(&words)?;
        let sets = words.first().is_some_and(|it| it.literal() == "set");
        if sets && words.iter().any(|it| it.literal() == "errexit" || sets_on_error(&it.literal())) {
            self.on_error = Flow::MayEnd;
            return Some(Flow::GoesOn);
        }
        Some(flow.max(self.on_error).max(ends_shell(&words, redirected)))
    }

    fn array(&mut self, reader: &mut Reader<'_>) -> Parsed<()> {
        loop {
            self.lines(reader)?;
            if reader.peek() == Some(')') {
                self.take(reader);
                return Some(());
            }
            if !reader.begins_word() {
                return None;
            }
            self.word(reader)?;
        }
    }
}

/// `-e`, `-eu`, `-ex`.
fn sets_on_error(option: &str) -> bool {
    option.starts_with('-') && option.contains('e')
}

/// Whether what follows this command on the same level may not run.
fn ends_shell(words: &[Word], redirected: bool) -> Flow {
    let Some(name) = words.first().map(Word::literal) else {
        return if redirected { Flow::MayEnd } else { Flow::GoesOn };
    };
    // POSIX 2.8.1: a redirection error ends the shell if the command is a special built-in.
    let special = [":", ".", "eval", "export", "readonly", "set", "shift", "times", "trap", "unset"];
    match name.as_str() {
        "exit" | "return" => Flow::Ends,
        // Without a command it only redirects.
        "exec" if words.len() > 1 => Flow::Ends,
        "break" | "continue" | "logout" => Flow::MayEnd,
        name if redirected && special.contains(&name) => Flow::MayEnd,
        _ => Flow::GoesOn,
    }
}
