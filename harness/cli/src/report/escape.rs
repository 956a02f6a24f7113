//! Payloads and function output in our own output: visible, harmless, one line.

/// `text` with everything that a terminal could interpret as an escape: control characters,
/// bidirectional overrides, line separators.
pub(crate) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for it in text.chars() {
        let hidden = it.is_control()
            // Unicode Standard Annex #9: explicit directional formatting; U+2028/2029 separators.
            || matches!(it, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        if hidden {
            out.extend(it.escape_default());
        } else {
            out.push(it);
        }
    }
    out
}

/// The same for a line of a log, whose tabs are columns and harmless.
pub(crate) fn printable_line(line: &str) -> String {
    let columns: Vec<String> = line.split('\t').map(printable).collect();
    columns.join("\t")
}

/// `text` in at most `most` characters.
pub(crate) fn clipped(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(most.saturating_sub(1)).collect();
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_direction_characters_become_visible() {
        assert_eq!(printable("a\x1b[31m\nb\u{202e}c\u{9b}"), "a\\u{1b}[31m\\nb\\u{202e}c\\u{9b}");
        assert_eq!(printable("grüße $(x)"), "grüße $(x)");
        assert_eq!(printable("a\tb"), "a\\tb");
        assert_eq!(printable_line("\ta\tb\r\t"), "\ta\tb\\r\t");
    }

    #[test]
    fn clips_by_characters_not_bytes() {
        assert_eq!(clipped("äöü", 3), "äöü");
        assert_eq!(clipped("äöüß", 3), "äö…");
    }
}
