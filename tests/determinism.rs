//! The same rng seed, one worker and a deterministic function: the same run.

use serde_json::Value;

use crate::support::{Copied, cannot_run, run};

/// What must be equal: everything but times.
fn story(lines: &[Value]) -> Vec<String> {
    lines
        .iter()
        .filter(|line| line["type"] != "progress")
        .map(|line| {
            let mut line = line.clone();
            for timed in ["elapsed_ms", "since_last_find_ms", "corpus", "folder", "function", "evidence"] {
                line.as_object_mut().unwrap().remove(timed);
            }
            line.to_string()
        })
        .collect()
}

#[test]
fn a_run_repeats_exactly() {
    if cannot_run("python-eval") {
        return;
    }
    let tell = |rng_seed| {
        let said = run(&Copied::target("python-eval"), &["--invocations", "400", "--rng-seed", rng_seed]);
        assert!(!said.summary()["coverage"].as_array().unwrap().is_empty());
        story(&said.lines)
    };
    let first = tell("11");
    assert_eq!(first, tell("11"));
    assert_ne!(first, tell("12"), "another rng seed plants other nonces");
}
