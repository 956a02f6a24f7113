//! Exports of a JavaScript or TypeScript file, CommonJS and ES modules, hand-written or made by a
//! bundler.

use super::Function;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Text(&'a str),
    Sign(char),
}

use Token::{Sign, Text, Word};

/// Names that `text` exports and that a handler string can call, in order of appearance.
pub(super) fn exported(text: &str) -> Vec<Function> {
    let tokens = tokens(text);
    let mut found: Vec<Function> = Vec::new();
    for at in 0..tokens.len() {
        let rest = &tokens[at..];
        match rest {
            // `exports.X =`, with or without `module.` before it. Bundlers also write
            // `exports.X = exports.Y = void 0`.
            [Word("exports"), Sign('.'), Word(name), Sign('='), next, ..] if *next != Sign('=') => {
                add(&mut found, name, value_takes_event(&rest[4..]));
            }
            [Word("exports"), Sign('['), Text(name), Sign(']'), Sign('='), ..] => {
                add(&mut found, name, value_takes_event(&rest[5..]));
            }
            [Word("defineProperty"), Sign('('), Word("exports"), Sign(','), Text(name), ..] => {
                add(&mut found, name, false);
            }
            [Word("module"), Sign('.'), Word("exports"), Sign('='), Sign('{'), ..] => {
                for (name, takes_event) in keys(&rest[4..]) {
                    add(&mut found, name, takes_event);
                }
            }
            [Word("export"), Sign('{'), ..] => {
                for name in export_list(&rest[1..]) {
                    add(&mut found, name, false);
                }
            }
            [Word("export"), Word("default"), ..] => {
                add(&mut found, "default", value_takes_event(&rest[2..]));
            }
            // TypeScript's `export const enum` is no function.
            [Word("export"), Word("const" | "let" | "var"), Word(name), ..] if *name != "enum" => {
                add(&mut found, name, value_takes_event(initializer(&rest[3..])));
            }
            [Word("export"), Word("async"), Word("function"), Word(name), ..]
            | [Word("export"), Word("function"), Word(name), ..] => {
                add(&mut found, name, value_takes_event(&rest[1..]));
            }
            _ => {}
        }
    }
    // `exports.run = run` or `module.exports = { run }`: look at the function itself.
    for function in &mut found {
        if !function.takes_event {
            function.takes_event = declared_with_event(&tokens, &function.name);
        }
    }
    found
}

fn add(found: &mut Vec<Function>, name: &str, takes_event: bool) {
    if name == "__esModule" {
        return;
    }
    match found.iter_mut().find(|it| it.name == name) {
        Some(known) => known.takes_event |= takes_event,
        None => found.push(Function { name: name.to_owned(), takes_event }),
    }
}

fn declared_with_event(tokens: &[Token<'_>], name: &str) -> bool {
    (0..tokens.len()).any(|at| match &tokens[at..] {
        [Word("function"), Word(found), ..] if *found == name => value_takes_event(&tokens[at..]),
        [Word("const" | "let" | "var"), Word(found), ..] if *found == name => {
            value_takes_event(initializer(&tokens[at + 2..]))
        }
        _ => false,
    })
}

/// What follows the equals sign of a declaration; before that there may be a type, which may hold
/// arrows.
fn initializer<'t, 'a>(tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Sign('(' | '{' | '[') => depth += 1,
            Sign(')' | '}' | ']') if depth > 0 => depth -= 1,
            Sign('=') if depth == 0 && tokens.get(at + 1) != Some(&Sign('>')) => return &tokens[at + 1..],
            Sign(';' | ')' | '}' | ']') if depth == 0 => break,
            Sign(_) | Word(_) | Text(_) => {}
        }
    }
    &[]
}

/// Whether a function expression begins here whose first parameter is called like an event.
fn value_takes_event(tokens: &[Token<'_>]) -> bool {
    let mut rest = tokens;
    while let [Word("async" | "function"), tail @ ..] = rest {
        rest = tail;
    }
    if let [Sign('*'), tail @ ..] = rest {
        rest = tail;
    }
    match rest {
        // `function name(event` and `event => …`
        [Word(_), Sign('('), Word(first), ..] if tokens.first() != rest.first() => is_event(first),
        [Sign('('), Word(first), Sign(',' | ')' | '=' | ':' | '?'), ..] => is_event(first),
        [Word(first), Sign('='), Sign('>'), ..] => is_event(first),
        // `({ Records }) => …` and `function name({ Records })`
        [Word(_), Sign('('), Sign('{'), ..] if tokens.first() != rest.first() => true,
        [Sign('('), Sign('{'), ..] => true,
        _ => false,
    }
}

fn is_event(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("event") || name.contains("evt") || name.contains("record")
}

/// Keys of an object literal that begins with the first token, and whether their values look
/// like handlers.
fn keys<'a>(tokens: &[Token<'a>]) -> Vec<(&'a str, bool)> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut expects_key = false;
    for at in 0..tokens.len() {
        match tokens[at] {
            Sign('{' | '(' | '[') => {
                depth += 1;
                expects_key = depth == 1;
            }
            Sign('}' | ')' | ']') => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            Sign(',') => expects_key = depth == 1,
            // `...spread`
            Sign('.') => expects_key = false,
            Word("async") if expects_key && !matches!(tokens.get(at + 1), Some(Sign(',' | ':' | '}'))) => {}
            Word(name) | Text(name) if expects_key => {
                expects_key = false;
                let takes_event = match tokens.get(at + 1) {
                    Some(Sign(':')) => value_takes_event(&tokens[at + 2..]),
                    Some(Sign('(')) => value_takes_event(&tokens[at + 1..]),
                    _ => false,
                };
                found.push((name, takes_event));
            }
            Sign(_) | Word(_) | Text(_) => {}
        }
    }
    found
}

/// Exported names of `{ a, b as c, type D }`, without the types.
fn export_list<'a>(tokens: &[Token<'a>]) -> Vec<&'a str> {
    let end = tokens.iter().position(|it| *it == Sign('}')).unwrap_or(tokens.len());
    let entries = tokens[1..end].split(|it| *it == Sign(','));
    entries
        .filter_map(|entry| match entry {
            [Word("type"), Word(name), ..] if *name != "as" => None,
            [.., Word(name)] => Some(*name),
            _ => None,
        })
        .collect()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// Splits `text` into tokens, without comments, templates, numbers' fine points and regular
/// expressions.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            _ if c.is_whitespace() => c.len_utf8(),
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest[2..].find("*/").map_or(rest.len(), |end| end + 4),
            '/' if begins_expression(tokens.last()) => regular_expression(rest),
            '\'' | '"' => {
                let length = quoted(rest, c);
                let inner = rest[1..length].strip_suffix(c).unwrap_or(&rest[1..length]);
                tokens.push(Text(inner));
                length
            }
            '`' => {
                tokens.push(Text(""));
                quoted(rest, c)
            }
            _ if is_word(c) => {
                let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                tokens.push(Word(&rest[..length]));
                length
            }
            _ => {
                tokens.push(Sign(c));
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    tokens
}

/// Whether a slash after `last` begins a regular expression rather than divides.
fn begins_expression(last: Option<&Token<'_>>) -> bool {
    match last {
        None => true,
        Some(Sign(c)) => !matches!(c, ')' | ']' | '}'),
        Some(Word(word)) => matches!(*word, "return" | "typeof" | "case" | "in" | "of"),
        Some(Text(_)) => false,
    }
}

/// Length of the string that `text` begins with. One in simple quotes ends with its line, so that
/// a misread quote does not swallow the file.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return at + 1;
        } else if c == '\n' && quote != '`' {
            return at;
        }
    }
    text.len()
}

/// Length of the regular expression that `text` begins with; 1 if it is none.
fn regular_expression(text: &str) -> usize {
    let mut escaped = false;
    let mut in_class = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\n' => return 1,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '/' if !in_class => return at + 1,
            _ => {}
        }
    }
    1
}
