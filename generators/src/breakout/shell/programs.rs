//! Commands that start commands: `sh -c`, `eval`, `ssh`, `find -exec`, `xargs`, `env` and others.

use super::{
    Frame, Shell,
    parse::{Flow, Parsed, Walk},
    word::{Char, Word},
};

/// Options of `ssh` that take a value (ssh(1), OpenSSH 9.2).
const SSH: &str = "BbcDEeFIiJLlmOopQRSWw";

/// Wrappers: what they run begins at the first word that is no option. With the options that
/// take a value, and how many operands come first.
const WRAPPERS: &[(&str, &str, usize)] = &[
    ("builtin", "", 0),
    ("command", "", 0),
    ("exec", "a", 0),
    ("nice", "n", 0),
    ("nohup", "", 0),
    ("setsid", "", 0),
    ("stdbuf", "ioe", 0),
    ("sudo", "ughpCDRT", 0),
    ("time", "of", 0),
    ("timeout", "ks", 1),
    ("xargs", "aEdILnPs", 0),
    ("chroot", "", 1),
];

impl Walk {
    /// Notes the command that these words start, and those that it starts itself.
    pub(super) fn run(&mut self, words: &[Word]) -> Parsed<Flow> {
        let Some((name, rest)) = words.split_first() else { return Some(Flow::GoesOn) };
        self.command(name);
        if !name.is_constant() {
            return Some(Flow::GoesOn);
        }
        let path = name.literal();
        let program = path.rsplit('/').next().unwrap_or(&path).to_owned();
        match program.as_str() {
            "sh" | "bash" | "dash" | "ash" | "ksh" | "zsh" => self.shell_command(&program, rest),
            // POSIX 2.8.1: a syntax error in a special built-in ends the shell; Bash goes on.
            "eval" => {
                let refused = self.nested("eval", &joined(rest)) != Flow::GoesOn;
                let ends = refused && self.shell == Shell::Posix;
                return Some(if ends { Flow::Ends } else { Flow::GoesOn });
            }
            "ssh" => {
                let rest = operands(rest, SSH);
                self.nested("ssh", &joined(rest.get(1..).unwrap_or_default()));
            }
            "su" | "script" | "flock" | "watch" => self.option_command(&program, rest),
            "find" => self.find(rest)?,
            "env" => self.environment(rest)?,
            "awk" | "gawk" | "mawk" | "nawk" => {
                if let Some(program) = operands(rest, "Fvf").first() {
                    self.awk(&program.value);
                }
            }
            "sed" => {
                if let Some(program) = operands(rest, "l").first() {
                    self.sed(&program.value);
                }
            }
            _ => {
                if let Some((_, valued, skipped)) = WRAPPERS.iter().find(|(name, _, _)| *name == program) {
                    let rest = operands(rest, valued);
                    self.run(rest.get(*skipped..).unwrap_or_default())?;
                }
            }
        }
        Some(Flow::GoesOn)
    }

    /// A program within the program. That it does not parse is its own failure.
    fn nested(&mut self, name: &'static str, chars: &[Char]) -> Flow {
        let commands = self.commands.len();
        let places = self.places.len();
        if self.within(Frame::Program(name), |walk| walk.program(chars)).is_some() {
            return Flow::GoesOn;
        }
        self.commands.truncate(commands);
        self.places.truncate(places);
        Flow::MayEnd
    }

    /// `sh -c program`, also with other options, as `bash -ec` or `sh -o pipefail -c`.
    fn shell_command(&mut self, name: &str, words: &[Word]) {
        let mut words = words.iter();
        let mut reads = false;
        while let Some(word) = words.next() {
            let text = word.literal();
            match text.as_str() {
                "-o" | "+o" | "-O" | "+O" | "--rcfile" | "--init-file" => {
                    words.next();
                }
                _ if text.starts_with("--") && text.len() > 2 => {}
                _ if text.starts_with(['-', '+']) => reads |= text.starts_with('-') && text.contains('c'),
                _ if reads => {
                    let frame = match name {
                        "bash" => "bash -c",
                        _ => "sh -c",
                    };
                    self.nested(frame, &word.value);
                    return;
                }
                _ => return,
            }
        }
    }

    /// `su -c program`, `flock file -c program`, `watch program`.
    fn option_command(&mut self, name: &str, words: &[Word]) {
        let position = words.iter().position(|it| it.literal() == "-c" || it.literal() == "--command");
        if let Some(program) = position.and_then(|it| words.get(it + 1)) {
            self.nested("-c", &program.value);
        } else if name == "watch" {
            let text = joined(&operands(words, "n"));
            self.nested("watch", &text);
        }
    }

    /// `find … -exec command … \;`.
    fn find(&mut self, words: &[Word]) -> Parsed<()> {
        let mut rest = words;
        while let Some(start) = rest.iter().position(|it| {
            matches!(it.literal().as_str(), "-exec" | "-execdir" | "-ok" | "-okdir") && it.is_constant()
        }) {
            let command = &rest[start + 1..];
            let end = command.iter().position(|it| matches!(it.literal().as_str(), ";" | "+"));
            // Without its end find refuses all of it.
            let Some(end) = end else { return Some(()) };
            self.doubting(|walk| walk.run(&command[..end]))?;
            rest = &command[end..];
        }
        Some(())
    }

    /// `env NAME=value command …`, `env -S 'command …'`.
    fn environment(&mut self, words: &[Word]) -> Parsed<()> {
        let mut rest = words;
        while let Some((word, after)) = rest.split_first() {
            let text = word.literal();
            if text == "-S" || text == "--split-string" {
                let Some((string, more)) = after.split_first() else { return Some(()) };
                self.places_in("env -S", &string.value);
                let mut words = split(&string.value);
                words.extend(more.iter().cloned());
                self.within(Frame::Program("env -S"), |walk| walk.run(&words))?;
                return Some(());
            }
            if text == "-u" || text == "-C" {
                rest = after.get(1..).unwrap_or_default();
            } else if text.starts_with('-') || text.contains('=') {
                rest = after;
            } else {
                self.run(rest)?;
                return Some(());
            }
        }
        Some(())
    }

    /// The strings of an awk program: within quotes and regular expressions nothing is code.
    fn awk(&mut self, program: &[Char]) {
        let text: String = program.iter().map(|it| it.c).collect();
        self.places_in("awk", program);
        let mut rest = text.as_str();
        let mut code = String::new();
        let mut constants = Vec::new();
        while let Some(start) = rest.find('"') {
            code += &rest[..start];
            let Some(length) = closing(&rest[start + 1..]) else { return };
            let at = text.len() - rest.len() + start + 1;
            constants.push((code.len(), at, length));
            code += "\"";
            rest = &rest[start + 1 + length + 1..];
        }
        code += rest;
        let balanced = ["()", "{}"].iter().all(|pair| {
            let count = |c: usize| code.matches(&pair[c..=c]).count();
            count(0) == count(1)
        });
        if !balanced || code.contains('#') {
            return;
        }
        for (position, at, length) in constants {
            let before = code[..position].trim_end();
            if before.ends_with(";system(") && code[position + 1..].starts_with(");") {
                let start = text[..at].chars().count();
                let count = text[at..at + length].chars().count();
                self.doubting(|walk| {
                    walk.command(&Word::of(&program[start..start + count]));
                    Some(())
                });
            }
        }
    }

    /// `e command` of GNU sed at the start of a command.
    fn sed(&mut self, program: &[Char]) {
        self.places_in("sed", program);
        let text: String = program.iter().map(|it| it.c).collect();
        // `s/…/…/;e command`: three delimiters, so that what follows is a command.
        let Some(at) = text.find("/;e ") else { return };
        if !text.starts_with("s/") || text[..=at].matches('/').count() != 3 || text[..at].contains('\\') {
            return;
        }
        let start = text[..at].chars().count() + 4;
        let name: Vec<Char> = program[start..].iter().take_while(|it| it.c != '\n').copied().collect();
        self.doubting(|walk| {
            walk.command(&Word::of(&name));
            Some(())
        });
    }

    fn places_in(&mut self, name: &'static str, program: &[Char]) {
        self.within(Frame::Program(name), |walk| {
            program.iter().for_each(|c| walk.pass(*c));
            Some(())
        });
    }
}

/// The length of a string up to its closing quote.
fn closing(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })
}

/// Words with a space between them, as `eval` and sshd join them.
fn joined(words: &[Word]) -> Vec<Char> {
    let mut text = Vec::new();
    for word in words {
        if !text.is_empty() {
            text.push(Char { c: ' ', at: usize::MAX });
        }
        text.extend(&word.value);
    }
    text
}

/// The words from the first operand on; `valued` are the short options that take a value.
fn operands(words: &[Word], valued: &str) -> Vec<Word> {
    let mut rest = words;
    while let Some((word, after)) = rest.split_first() {
        let text = word.literal();
        if text == "--" {
            return after.to_vec();
        }
        if !text.starts_with('-') || text == "-" {
            break;
        }
        let takes_value = text.len() == 2 && valued.contains(&text[1..]);
        rest = if takes_value { after.get(1..).unwrap_or_default() } else { after };
    }
    rest.to_vec()
}

/// Splits at blanks as `env -S` does, which knows quotes too.
fn split(chars: &[Char]) -> Vec<Word> {
    let (mut words, mut word, mut quote) = (Vec::new(), Vec::new(), None);
    for c in chars {
        match (quote, c.c) {
            (None, ' ' | '\t' | '\n') => {
                if !word.is_empty() {
                    words.push(Word::of(&word));
                    word.clear();
                }
            }
            (None, '\'' | '"') => quote = Some(c.c),
            (Some(open), c) if c == open => quote = None,
            _ => word.push(*c),
        }
    }
    if !word.is_empty() {
        words.push(Word::of(&word));
    }
    words
}
