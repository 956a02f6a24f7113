//! Regular expressions, as far as constant ends and one matching text need them.
//!
//! This is no engine: what is not understood (back references) has no answer, and what looks
//! around is taken for granted. So a text made here is a good guess, not a proof.

/// Deeper groups are a mistake of ours.
const MAX_DEPTH: usize = 12;
/// A longer repetition is not tried.
const MAX_TEXT: usize = 120;
/// No more alternatives of an end than this.
const MAX_ENDS: usize = 8;
/// What fills the variable parts: letters only, and each word once per pattern if possible.
const WORDS: [&str; 6] = ["kilo", "lima", "mike", "nova", "oslo", "papa"];

/// A regular expression.
#[derive(Debug)]
pub(super) struct Pattern {
    alternatives: Vec<Vec<Item>>,
}

#[derive(Debug)]
pub(super) struct Item {
    pub(super) node: Node,
    pub(super) min: usize,
    /// `usize::MAX`: without end.
    pub(super) max: usize,
}

#[derive(Debug)]
pub(super) enum Node {
    Literal(char),
    /// One bit for each ASCII character.
    Class(u128),
    Group {
        name: Option<String>,
        alternatives: Vec<Vec<Item>>,
    },
    Start,
    End,
    /// Word boundaries and what looks around.
    Nothing,
}

/// A character of a text that matches.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) character: char,
    /// Whether other characters match, too.
    pub(super) free: bool,
    /// Whether a slash may stand here.
    pub(super) slash: bool,
    /// Name of the group around it.
    pub(super) name: Option<String>,
}

impl Pattern {
    /// `None` for what is no regular expression, or one that is not understood.
    pub(super) fn parse(text: &str) -> Option<Pattern> {
        let mut parser = Parser { chars: text.chars().collect(), at: 0 };
        let alternatives = parser.alternatives(0)?;
        (parser.at == parser.chars.len()).then_some(Pattern { alternatives })
    }

    pub(super) fn alternatives(&self) -> &[Vec<Item>] {
        &self.alternatives
    }

    /// The constants with which every matching text begins, one of them. Empty if there is none.
    /// `anchored`: as if it began with `^`.
    pub(super) fn heads(&self, anchored: bool) -> Vec<String> {
        // What is anchored at both ends and constant is a whole value.
        let opens = |items: &[Item]| anchored || matches!(first(items), Some(Node::Start));
        let affix = |items: &[Item]| opens(items) && (!self.closed(items) || items.iter().any(has_class));
        self.ends(affix, |items| ends(items.iter(), |end, text| end + text))
    }

    /// The same for the end.
    pub(super) fn tails(&self, anchored: bool) -> Vec<String> {
        let closes = |items: &[Item]| anchored || self.closed(items);
        let opens = |items: &[Item]| matches!(first(items), Some(Node::Start));
        let affix = |items: &[Item]| closes(items) && (!opens(items) || items.iter().any(has_class));
        self.ends(affix, |items| ends(items.iter().rev(), |end, text| text.to_owned() + &end))
    }

    fn ends(&self, anchored: impl Fn(&[Item]) -> bool, ends: impl Fn(&[Item]) -> Vec<String>) -> Vec<String> {
        let all = self.alternatives.iter().filter(|items| anchored(items));
        all.flat_map(|items| ends(items)).filter(|it| !it.is_empty()).collect()
    }

    /// A matching text for each alternative, and whether more may follow.
    pub(super) fn examples(&self, closed: bool) -> Vec<(Vec<Cell>, bool)> {
        let mut examples = Vec::new();
        for items in self.alternatives.iter().take(MAX_ENDS) {
            let mut writer = Writer { cells: Vec::new(), words: 0 };
            if writer.items(items, None).is_some() {
                examples.push((writer.cells, !closed && !self.closed(items)));
            }
        }
        examples
    }

    fn closed(&self, items: &[Item]) -> bool {
        matches!(items.last(), Some(Item { node: Node::End, .. }))
    }

    /// Whether it says itself where it begins.
    pub(super) fn starts(&self) -> bool {
        self.alternatives.iter().any(|items| matches!(first(items), Some(Node::Start)))
    }
}

fn first(items: &[Item]) -> Option<&Node> {
    items.first().map(|it| &it.node)
}

fn has_class(item: &Item) -> bool {
    match &item.node {
        Node::Class(_) => true,
        Node::Group { alternatives, .. } => alternatives.iter().flatten().any(has_class),
        Node::Literal(_) | Node::Start | Node::End | Node::Nothing => false,
    }
}

/// The text of items that match nothing else, without what may be left out.
fn constant(items: &[Item]) -> Option<String> {
    let mut text = String::new();
    for item in items {
        match &item.node {
            _ if item.min == 0 && !has_class(item) => {}
            Node::Literal(it) if item.min == 1 => text.push(*it),
            Node::Start | Node::End | Node::Nothing => {}
            Node::Group { alternatives, .. } if item.min == 1 && alternatives.len() == 1 => {
                text.push_str(&constant(&alternatives[0])?);
            }
            Node::Literal(_) | Node::Class(_) | Node::Group { .. } => return None,
        }
    }
    Some(text)
}

fn ends<'a>(items: impl Iterator<Item = &'a Item>, join: impl Fn(String, &str) -> String) -> Vec<String> {
    let mut ends = vec![String::new()];
    for item in items {
        let texts: Vec<String> = match &item.node {
            _ if item.min == 0 && !has_class(item) => continue,
            Node::Start | Node::End | Node::Nothing => continue,
            _ if item.min != 1 || item.max != 1 => break,
            Node::Literal(it) => vec![it.to_string()],
            Node::Class(_) => break,
            Node::Group { alternatives, .. } => {
                match alternatives.iter().map(|it| constant(it)).collect::<Option<_>>() {
                    Some(texts) => texts,
                    None => break,
                }
            }
        };
        let longer = ends.iter().flat_map(|end| texts.iter().map(|text| join(end.clone(), text)));
        ends = longer.take(MAX_ENDS).collect();
    }
    ends
}

/// Writes a text that matches.
struct Writer {
    cells: Vec<Cell>,
    words: usize,
}

impl Writer {
    fn items(&mut self, items: &[Item], name: Option<&String>) -> Option<()> {
        for item in items {
            match &item.node {
                Node::Start | Node::End | Node::Nothing => {}
                // What is optional and constant is left out: `\/?$`.
                _ if item.min == 0 && !has_class(item) => {}
                Node::Literal(character) => {
                    for _ in 0..item.min.min(MAX_TEXT) {
                        let name = name.cloned();
                        self.cells.push(Cell { character: *character, free: false, slash: false, name });
                    }
                }
                Node::Class(class) => {
                    let slash = accepts(*class, '/') && item.max > MAX_TEXT;
                    for character in self.filling(*class, item.min, item.max)?.chars() {
                        self.cells.push(Cell { character, free: true, slash, name: name.cloned() });
                    }
                }
                Node::Group { name: own, alternatives } => {
                    for _ in 0..item.min.clamp(1, MAX_ENDS) {
                        self.items(alternatives.first()?, own.as_ref().or(name))?;
                    }
                }
            }
        }
        Some(())
    }

    /// A text of characters of one class.
    fn filling(&mut self, class: u128, min: usize, max: usize) -> Option<String> {
        let word = WORDS[self.words % WORDS.len()];
        self.words += 1;
        let upper = word.to_ascii_uppercase();
        let fits = |text: &&str| text.chars().all(|it| accepts(class, it));
        let any = (' '..='~').find(|it| accepts(class, *it)).map(String::from);
        let text = [word, "12", &upper, "a1"].into_iter().find(fits).map(str::to_owned).or(any)?;
        let length = text.len().clamp(min.min(MAX_TEXT), max.clamp(1, MAX_TEXT));
        Some(text.chars().cycle().take(length).collect())
    }
}

pub(super) fn accepts(class: u128, character: char) -> bool {
    character.is_ascii() && class >> (character as u32) & 1 == 1
}

fn range(first: char, last: char) -> u128 {
    let bits = (first..=last).filter(char::is_ascii).map(|it| 1 << (it as u32));
    bits.fold(0, |all, bit: u128| all | bit)
}

/// The class that `\` and `letter` stand for.
fn named_class(letter: char) -> Option<u128> {
    let digit = range('0', '9');
    let word = digit | range('a', 'z') | range('A', 'Z') | range('_', '_');
    let space = range('\t', '\r') | range(' ', ' ');
    Some(match letter {
        'd' => digit,
        'w' => word,
        's' => space,
        'D' => !digit,
        'W' => !word,
        'S' => !space,
        _ => return None,
    })
}

struct Parser {
    chars: Vec<char>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn take(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += 1;
        Some(next)
    }

    fn skip(&mut self, text: &str) -> bool {
        let found = text.chars().enumerate().all(|(i, it)| self.chars.get(self.at + i) == Some(&it));
        if found {
            self.at += text.chars().count();
        }
        found
    }

    fn alternatives(&mut self, depth: usize) -> Option<Vec<Vec<Item>>> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut alternatives = vec![Vec::new()];
        while let Some(next) = self.peek().filter(|it| *it != ')') {
            if next == '|' {
                self.at += 1;
                alternatives.push(Vec::new());
                continue;
            }
            let node = self.node(depth)?;
            let (min, max) = self.quantifier();
            alternatives.last_mut()?.push(Item { node, min, max });
        }
        Some(alternatives)
    }

    fn node(&mut self, depth: usize) -> Option<Node> {
        Some(match self.take()? {
            '^' => Node::Start,
            '$' => Node::End,
            '.' => Node::Class(!range('\n', '\n')),
            '[' => Node::Class(self.class()?),
            '(' => return self.group(depth),
            '\\' => match self.take()? {
                'A' => Node::Start,
                'Z' | 'z' => Node::End,
                'b' | 'B' => Node::Nothing,
                '1'..='9' | 'k' | 'x' | 'u' | 'p' | 'P' => return None,
                letter => named_class(letter).map_or(Node::Literal(plain(letter)), Node::Class),
            },
            '*' | '+' | '?' => return None,
            literal => Node::Literal(literal),
        })
    }

    fn group(&mut self, depth: usize) -> Option<Node> {
        let mut name = None;
        let mut around = false;
        if ["?=", "?!", "?<=", "?<!"].iter().any(|it| self.skip(it)) {
            around = true;
        } else if self.skip("?P<") || self.skip("?<") {
            let rest = &self.chars[self.at..];
            let length = rest.iter().position(|it| *it == '>')?;
            name = Some(rest[..length].iter().collect());
            self.at += length + 1;
        } else if self.skip("?") {
            // Flags, perhaps for the rest of the pattern only: `(?i)`, `(?i:`.
            while let Some(flag) = self.take().filter(|it| *it != ':') {
                match flag {
                    ')' => return Some(Node::Nothing),
                    'a'..='z' | '-' => {}
                    _ => return None,
                }
            }
        }
        let alternatives = self.alternatives(depth + 1)?;
        let closed = self.skip(")");
        match around {
            _ if !closed => None,
            true => Some(Node::Nothing),
            false => Some(Node::Group { name, alternatives }),
        }
    }

    fn class(&mut self) -> Option<u128> {
        let negated = self.skip("^");
        let mut class = 0;
        let mut first = true;
        loop {
            let start = match self.take()? {
                // JavaScript takes `[]` for an empty class; nobody writes that.
                ']' if !first => break,
                '\\' => match self.take()? {
                    'u' | 'x' | 'p' | 'P' => return None,
                    letter => match named_class(letter) {
                        Some(named) => {
                            class |= named;
                            first = false;
                            continue;
                        }
                        None => plain(letter),
                    },
                },
                other => other,
            };
            first = false;
            let ranged = self.peek() == Some('-') && self.chars.get(self.at + 1).is_some_and(|it| *it != ']');
            if !ranged {
                class |= range(start, start);
                continue;
            }
            self.at += 1;
            match self.take()? {
                '\\' => {
                    let letter = self.take()?;
                    class |= match named_class(letter) {
                        Some(named) => named | range(start, start) | range('-', '-'),
                        None => range(start, plain(letter)),
                    };
                }
                end => class |= range(start, end.min('\u{7f}')),
            }
        }
        Some(if negated { !class } else { class })
    }

    fn quantifier(&mut self) -> (usize, usize) {
        let (min, max) = match self.peek() {
            Some('*') => (0, usize::MAX),
            Some('+') => (1, usize::MAX),
            Some('?') => (0, 1),
            Some('{') => match self.counted() {
                Some(counted) => counted,
                None => return (1, 1),
            },
            _ => return (1, 1),
        };
        self.at += 1;
        // Lazy and possessive ones match the same texts.
        if matches!(self.peek(), Some('?' | '+')) {
            self.at += 1;
        }
        (min, max)
    }

    /// `{2}`, `{2,}`, `{,3}` and `{2,3}`; stops before the closing brace.
    fn counted(&mut self) -> Option<(usize, usize)> {
        let rest = &self.chars[self.at + 1..];
        let length = rest.iter().position(|it| *it == '}')?;
        let inside: String = rest[..length].iter().collect();
        let counted = match inside.split_once(',') {
            Some(("", max)) => (0, max.parse().ok()?),
            Some((min, "")) => (min.parse().ok()?, usize::MAX),
            Some((min, max)) => (min.parse().ok()?, max.parse().ok()?),
            None => (inside.parse().ok()?, inside.parse().ok()?),
        };
        self.at += 1 + length;
        Some(counted)
    }
}

fn plain(letter: char) -> char {
    match letter {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        other => other,
    }
}
