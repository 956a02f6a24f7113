//! Where a bundle says that its map is: the comment `//# sourceMappingURL=` at its end.

use std::path::{Component, Path, PathBuf};

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::{percent_decode, percent_decode_str};

use super::table::Unusable;

/// Some encoders leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The URL in the last comment of `code`.
///
/// Only comments may follow it: bundles hold the text of such comments in strings and templates too.
pub(super) fn url(code: &str) -> Option<&str> {
    for line in code.rsplit(['\n', '\r']) {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let start = ["//# sourceMappingURL=", "//@ sourceMappingURL=", "/*# sourceMappingURL="]
            .iter()
            .filter_map(|mark| Some(line.rfind(mark)? + mark.len()))
            .max();
        if let Some(start) = start {
            let url = line[start..].trim_end_matches("*/").trim();
            let is_url = |it: char| !it.is_whitespace() && !matches!(it, '"' | '\'' | '`' | '\\');
            return Some(url).filter(|url| !url.is_empty() && url.chars().all(is_url));
        }
        if !line.starts_with("//") && !line.starts_with("/*") {
            return None;
        }
    }
    None
}

/// The map in a `data:` URL; `None` if `url` is none.
pub(super) fn inline(url: &str, limit: u64) -> Option<Result<Vec<u8>, Unusable>> {
    let (scheme, rest) = url.split_once(':')?;
    if !scheme.eq_ignore_ascii_case("data") {
        return None;
    }
    // Base 64 takes four characters for three bytes.
    if rest.len() as u64 / 4 * 3 > limit {
        return Some(Err(Unusable::TooLarge));
    }
    let Some((kind, data)) = rest.split_once(',') else { return Some(Err(Unusable::Encoding)) };
    let plain: Vec<u8> = percent_decode(data.as_bytes()).collect();
    if kind.to_ascii_lowercase().ends_with(";base64") {
        return Some(BASE64.decode(plain).map_err(|_| Unusable::Encoding));
    }
    Some(Ok(plain))
}

/// The file that a relative URL in `folder` names, below the function's root: both are relative to
/// it. `None` for everything else: nothing is fetched, and nothing outside is read.
pub(super) fn file(url: &str, folder: &Path) -> Option<PathBuf> {
    let url = url.split(['?', '#']).next()?;
    if url.contains(':') || url.starts_with(['/', '\\']) {
        return None;
    }
    let url = percent_decode_str(url).decode_utf8().ok()?;
    let mut path = PathBuf::new();
    for part in folder.join(url.as_ref()).components() {
        match part {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            Component::ParentDir if path.pop() => {}
            _ => return None,
        }
    }
    Some(path)
}

#[cfg(test)]
mod tests;
