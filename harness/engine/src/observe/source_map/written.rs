//! Writes source maps, for tests of what reads them.

use std::path::Path;

use serde_json::{Value, json};

use super::table::Origin;

/// The digits of one number, as ECMA-426 has them.
fn vlq(number: i64) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut rest = number.unsigned_abs() << 1 | u64::from(number < 0);
    let mut text = String::new();
    loop {
        let more = if rest > 31 { 32 } else { 0 };
        text.push(char::from(DIGITS[(rest & 31 | more) as usize]));
        rest >>= 5;
        if rest == 0 {
            return text;
        }
    }
}

/// `mappings` from bundle line, bundle column and, for code that has one, source, line and column.
pub(in crate::observe) fn mappings(segments: &[(u32, u32, Option<Origin>)]) -> String {
    let (mut line, mut column, mut last) = (0, 0, (0, 0, 0));
    let mut text = String::new();
    for (at_line, at_column, origin) in segments {
        while line < *at_line {
            text.push(';');
            (line, column) = (line + 1, 0);
        }
        if !text.is_empty() && !text.ends_with(';') {
            text.push(',');
        }
        text.push_str(&vlq(i64::from(*at_column) - column));
        column = i64::from(*at_column);
        if let Some(it) = origin {
            let next = (i64::from(it.source), i64::from(it.line), i64::from(it.column));
            for (from, to) in [(last.0, next.0), (last.1, next.1), (last.2, next.2)] {
                text.push_str(&vlq(to - from));
            }
            last = next;
        }
    }
    text
}

/// A position in a source, counted from 0.
pub(in crate::observe) fn at(source: u32, line: u32, column: u32) -> Option<Origin> {
    Some(Origin { source, line, column })
}

/// A map of the source `name`: from bundle column, in the only line, to source line and column.
pub(in crate::observe) fn map_of(name: &str, content: Option<&str>, segments: &[(u32, (u32, u32))]) -> Value {
    let segments: Vec<_> =
        segments.iter().map(|(column, (to, to_column))| (0, *column, at(0, *to, *to_column))).collect();
    json!({ "version": 3, "sources": [name], "sourcesContent": [content], "mappings": mappings(&segments) })
}

/// Writes a file, and the folders above it.
pub(in crate::observe) fn put(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}
