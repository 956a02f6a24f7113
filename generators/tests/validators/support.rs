//! What all tests here share: where the repository is, how much is wanted, what is missing.

use std::path::{Path, PathBuf};

use evfuzz_generators::source::EventSource;

/// Whether the full numbers are wanted.
pub(crate) fn full() -> bool {
    std::env::var_os("EVFUZZ_FULL").is_some_and(|value| value == "1")
}

/// The sources to which `EVFUZZ_SOURCES=s3,dynamodb` narrows what loops over all of them.
pub(crate) fn wanted_sources() -> Option<Vec<EventSource>> {
    let ids = std::env::var("EVFUZZ_SOURCES").ok()?;
    let known =
        |id: &str| EventSource::from_id(id).unwrap_or_else(|| panic!("EVFUZZ_SOURCES: no source {id}"));
    Some(ids.split(',').map(known).collect())
}

/// The repository.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().expect("the crate lies one level below the root").to_owned()
}

/// Says why a test does not run. On CI it fails.
#[track_caller]
pub(crate) fn skipped(reason: &str) {
    let on_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
    assert!(!on_ci, "missing on CI: {reason}");
    eprintln!("skipped: {reason}");
}

/// Cases of a property test.
pub(crate) fn cases() -> u32 {
    if full() { 100_000 } else { 256 }
}
