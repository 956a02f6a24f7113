//! What happens to characters between an injection point and a sink, learnt by comparison.

use std::collections::BTreeMap;

/// What becomes of each character, and of the length. Characters not listed arrive as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The text each of these characters becomes; empty if it is removed.
    replaced: BTreeMap<char, String>,
    /// At most so many characters of what was sent arrive.
    limit: Option<usize>,
}

impl Filter {
    /// Removes each of `characters`.
    pub fn removing(characters: &str) -> Filter {
        Filter { replaced: characters.chars().map(|c| (c, String::new())).collect(), limit: None }
    }

    /// Also replaces `character`.
    #[must_use]
    pub fn replacing(mut self, character: char, text: impl Into<String>) -> Filter {
        self.replaced.insert(character, text.into());
        self
    }

    /// Also cuts after `limit` characters.
    #[must_use]
    pub fn cutting(mut self, limit: usize) -> Filter {
        self.limit = Some(limit);
        self
    }

    /// What arrives when `sent` is sent.
    pub fn apply(&self, sent: &str) -> String {
        let mut seen = String::with_capacity(sent.len());
        for c in sent.chars().take(self.limit.unwrap_or(usize::MAX)) {
            match self.replaced.get(&c) {
                Some(text) => seen.push_str(text),
                None => seen.push(c),
            }
        }
        seen
    }

    /// Characters that do not arrive as they are.
    pub fn characters(&self) -> impl Iterator<Item = char> {
        self.replaced.keys().copied()
    }

    /// Learns from one more payload. What is known already is taken for granted if it can be.
    pub fn refine(&mut self, sent: &str, seen: &str) {
        let mut other = explain(sent, seen, &self.replaced).unwrap_or_else(|| learn(sent, seen));
        self.replaced.append(&mut other.replaced);
        self.limit = match (self.limit, other.limit) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
    }

    /// Whether a quote becomes backslash and quote while a backslash stays alone.
    pub(super) fn escapes_with_backslash(&self) -> bool {
        let escapes = |(c, text): (&char, &String)| *c != '\\' && *text == format!("\\{c}");
        !self.replaced.contains_key(&'\\') && self.replaced.iter().any(escapes)
            // `''` after a backslash: the backslash takes the first, the second ends the string.
            || self.replaced.get(&'\'').is_some_and(|it| it == "''") && !self.replaced.contains_key(&'\\')
    }
}

/// The longest replacement that is looked for: `'"'"'` has 5 characters, `\u0027` and `&apos;` 6.
const LONGEST: usize = 8;

/// Compares a payload with what stood in its place at the sink.
///
/// Finds the cheapest story of what happened to each character: it stayed, was removed, or was
/// replaced by up to eight others, the same way each time; what is missing at the end was cut
/// off. Where nothing fits (the text was decoded, reversed, …), every character that does not
/// occur in `seen` counts as removed.
pub fn learn(sent: &str, seen: &str) -> Filter {
    explain(sent, seen, &BTreeMap::new())
        .unwrap_or_else(|| Filter::removing(&sent.chars().filter(|c| !seen.contains(*c)).collect::<String>()))
}

fn explain(sent: &str, seen: &str, known: &BTreeMap<char, String>) -> Option<Filter> {
    let from: Vec<char> = sent.chars().collect();
    let into: Vec<char> = seen.chars().collect();
    // Every replacement is tried: with long texts that would take long, and all of the stack.
    let mut budget = 200_000;
    if from.len() > 2_000 {
        return None;
    }
    // Without a limit first: that a quote at the end was removed is likelier.
    for cut in (0..=from.len()).rev() {
        let mut replaced = known.clone();
        if align(&from[..cut], &into, &mut replaced, &mut budget) {
            replaced.retain(|c, text| text.chars().ne([*c]));
            return Some(Filter { replaced, limit: (cut < from.len()).then_some(cut) });
        }
    }
    None
}

/// Explains `into` by a consistent replacement of the characters of `from`; letters and digits
/// are never removed, so that a cut is not taken for the removal of many letters.
fn align(from: &[char], into: &[char], story: &mut BTreeMap<char, String>, budget: &mut usize) -> bool {
    if *budget == 0 {
        return false;
    }
    *budget -= 1;
    let Some((&c, rest)) = from.split_first() else { return into.is_empty() };
    if let Some(text) = story.get(&c) {
        let text: Vec<char> = text.chars().collect();
        return into.strip_prefix(text.as_slice()).is_some_and(|left| align(rest, left, story, budget));
    }
    let lowered = c.to_lowercase().next().unwrap_or(c);
    let mut lengths: Vec<usize> = vec![1];
    if !c.is_alphanumeric() {
        lengths.push(0);
        lengths.extend(2..=LONGEST);
    }
    // First that it stayed, then that it was escaped (the replacement is longer), then removal.
    let mut choices: Vec<&[char]> =
        lengths.iter().filter(|length| **length <= into.len()).map(|length| &into[..*length]).collect();
    choices.sort_by_key(|text| rank(c, lowered, text));
    choices.retain(|text| rank(c, lowered, text) < 9);
    for text in choices {
        story.insert(c, text.iter().collect());
        if align(rest, &into[text.len()..], story, budget) {
            return true;
        }
    }
    story.remove(&c);
    false
}

/// How unlikely it is that `c` became `text`. 9: not considered.
fn rank(c: char, lowered: char, text: &[char]) -> u8 {
    match text {
        [one] if *one == c => 0,
        [one] if c.is_alphanumeric() && *one == lowered => 1,
        [one] if c.is_alphanumeric() || one.is_alphanumeric() => 9,
        [] => 3,
        [_] => 4,
        // `\\'`: rather the backslash before the quote was escaped, and the quote.
        ['\\', '\\', third, ..] if c != '\\' && *third != '\\' => 9,
        // Escapes: `\'`, `''`, `'\''`, `\u0027`, `&#39;`, `%27`, `\n`.
        [first, ..] if matches!(first, '\\' | '&' | '%') || text.contains(&c) => 2,
        _ => 9,
    }
}

#[cfg(test)]
mod tests;
