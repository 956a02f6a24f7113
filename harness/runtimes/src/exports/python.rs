//! Top-level functions of a Python module that Lambda could call.

use super::{Function, PREFERRED};

/// Functions with two required parameters, and other names that are conventional for handlers
/// (`handler = Mangum(app)`, `from api import handler`), in order of appearance.
pub(super) fn top_level(text: &str) -> Vec<Function> {
    let mut found: Vec<Function> = Vec::new();
    let mut add = |name: &str, takes_event: bool| {
        if !found.iter().any(|it| it.name == name) {
            found.push(Function { name: name.to_owned(), takes_event });
        }
    };
    let text = without_strings(text);
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let from_here = &text[offset..];
        offset += line.len();
        // `async def` is left out: Lambda cannot await it.
        if let Some(rest) = from_here.strip_prefix("def ") {
            let Some((name, parameters)) = signature(rest) else {
                continue;
            };
            let required: Vec<&str> = parameters.iter().filter_map(|it| required(it)).collect();
            let any_number =
                parameters.iter().any(|it| it.starts_with('*') && !it.starts_with("**") && it.len() > 1);
            let all = parameters.iter().filter(|it| !it.starts_with('*') && **it != "/").count();
            if required.len() == 2 || (required.len() < 2 && all >= 2) || (any_number && required.len() < 2) {
                add(name, looks_like_handler(&parameters));
            }
        } else if let Some((name, rest)) = line.split_once('=') {
            let name = name.split(':').next().unwrap_or_default().trim_end();
            if !rest.starts_with('=') && PREFERRED.contains(&name) {
                add(name, false);
            }
        } else if line.starts_with("from ")
            && let Some((_, names)) = line.split_once(" import ")
        {
            for name in names.trim_matches(['(', ')', '\n', ' ', '\\']).split(',') {
                let name = name.rsplit(" as ").next().unwrap_or_default().trim();
                if PREFERRED.contains(&name) {
                    add(name, false);
                }
            }
        }
    }
    found
}

/// Name and parameters of the function whose definition follows.
fn signature(text: &str) -> Option<(&str, Vec<&str>)> {
    let open = text.find('(')?;
    let name = text[..open].trim();
    let mut depth = 0_usize;
    let mut start = open + 1;
    let mut parameters = Vec::new();
    for (at, c) in text.char_indices().skip_while(|(at, _)| *at < open) {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && c == ',') {
            let parameter = text[start..at].trim();
            if !parameter.is_empty() {
                parameters.push(parameter);
            }
            start = at + 1;
        }
        if depth == 0 {
            let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_');
            return (plain && !name.is_empty()).then_some((name, parameters));
        }
    }
    None
}

/// The name of a parameter that must be passed.
fn required<'a>(parameter: &'a &str) -> Option<&'a str> {
    let special = parameter.starts_with('*') || *parameter == "/" || parameter.contains('=');
    (!special).then(|| parameter.split(':').next().unwrap_or_default().trim())
}

fn looks_like_handler(parameters: &[&str]) -> bool {
    let name = |idx: usize| {
        let parameter = parameters.get(idx).copied().unwrap_or_default();
        parameter.split([':', '=']).next().unwrap_or_default().trim().to_ascii_lowercase()
    };
    let (first, second) = (name(0), name(1));
    first.contains("event") || first.contains("evt") || second.contains("context") || second.contains("ctx")
}

/// `text` with the contents of strings and comments replaced by spaces; lines stay lines.
fn without_strings(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '\'' | '"' => string(rest, c),
            _ => {
                out.push(c);
                rest = &rest[c.len_utf8()..];
                continue;
            }
        };
        out.extend(rest[..length].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = &rest[length..];
    }
    // The lines inside a string must not look like top-level code; they are blank now.
    out
}

fn string(text: &str, quote: char) -> usize {
    let triple: String = std::iter::repeat_n(quote, 3).collect();
    let long = text.starts_with(&triple);
    let mut escaped = false;
    let skip = if long { 3 } else { 1 };
    for (at, c) in text.char_indices().skip(skip) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if long && text[at..].starts_with(&triple) {
            return at + 3;
        } else if !long && c == quote {
            return at + 1;
        } else if !long && c == '\n' {
            return at;
        }
    }
    text.len()
}
