//! Every payload, and its twin, in the interpreters, parsers and libraries that its class stands for.
//!
//! `drivers/` holds one program per class and language: it lands texts in its contexts and says
//! what came of it. `bench` gives every cell a canary of its own and decides what fired, `fetch`
//! gets the libraries. Run with `--nocapture` to see the matrices. Shell, Python and JavaScript
//! source contexts are in `payload_contexts.rs`.

#![expect(clippy::unwrap_used, reason = "clippy knows test functions only, not their helpers")]
#![expect(clippy::print_stdout, reason = "the matrices are for people who ask with --nocapture")]

mod bench;
mod classes;
mod fetch;
#[path = "../../../tests/fetched.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod fetched;
mod listener;
mod matrix;

/// What `fetched` needs of the tests it is shared with.
mod support {
    use std::path::{Path, PathBuf};

    /// The repository.
    pub(crate) fn root() -> PathBuf {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        manifest.parent().expect("the crate lies one level below the root").to_owned()
    }

    /// Says why something does not run. On CI it fails.
    #[track_caller]
    pub(crate) fn skipped(reason: &str) {
        let on_ci = std::env::var_os("CI").is_some_and(|it| it == "true");
        assert!(!on_ci, "missing on CI: {reason}");
        println!("skipped: {reason}");
    }
}
