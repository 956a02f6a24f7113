//! What is said at the end of a run: one of each, and more than one.

use super::*;

fn check(number: u64, said: &str) {
    let summary = Summary {
        counts: Counts { invocations: number, elapsed: Duration::from_secs(2), ..Counts::default() },
        unconfirmed: number,
        ordinary: number,
        fuzzed: number,
        processes: number,
        ended: number,
        ..Summary::default()
    };
    assert_eq!(closing(&summary).trim(), said);
}

#[test]
fn one_is_not_many() {
    check(
        1,
        "1 event in 2s, 1 process (1 ended by itself), 0 findings; 1 sighting did not repeat and is not reported; \
         1 sighting happened with valid events as well and is not reported",
    );
    check(
        2,
        "2 events in 2s, 2 processes (2 ended by themselves), 0 findings; 2 sightings did not repeat and are not \
         reported; 2 sightings happened with valid events as well and are not reported",
    );
}
