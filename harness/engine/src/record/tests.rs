//! Which sightings are taken on, after what.

use super::*;
use crate::finding::OracleId;
use crate::judge::Standing;

fn check(judge: impl FnOnce(&Record<'_>)) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let function = FunctionRef {
        name: "shop".to_owned(),
        path: "shop".into(),
        handler: "index.handler".to_owned(),
        runtime: "nodejs20.x".to_owned(),
        env: Vec::new(),
    };
    let corpus = Corpus::open(folder.path(), &function).unwrap();
    let record = Record::new(&corpus, &function, 1, Duration::from_secs(3), &|_| {});
    judge(&record);
    record.lock().unconfirmed
}

fn sighting(outcome: &str) -> Sighting {
    Sighting {
        oracle: OracleId::ProcessExit,
        identity: vec![outcome.to_owned()],
        title: format!("an event ends the process ({outcome})"),
        point: None,
        nonce: None,
        place: None,
        evidence: Vec::new(),
        standing: Standing::Candidate,
    }
}

#[test]
fn what_does_not_repeat_is_left_alone_after_some_attempts() {
    let unconfirmed = check(|record| {
        let exit = sighting("exit status 1");
        for _ in 0..MOST_ATTEMPTS {
            assert!(record.take_on(&exit));
            assert!(!record.take_on(&exit), "somebody is at it");
            record.did_not_repeat(&exit);
        }
        assert!(!record.take_on(&exit));
        assert!(record.take_on(&sighting("exit status 2")), "another one");
    });
    assert_eq!(unconfirmed, u64::from(MOST_ATTEMPTS));
}

#[test]
fn what_something_else_explains_is_looked_at_again_but_more_and_more_rarely() {
    let unconfirmed = check(|record| {
        let exit = sighting("exit status 1");
        let mut taken_on = 0;
        for _ in 0..5000 {
            if record.take_on(&exit) {
                taken_on += 1;
                record.is_explained(&exit);
            }
        }
        assert_eq!(taken_on, 99);
        // All chances to repeat are left.
        let again = (0..=taken_on).any(|_| record.take_on(&exit));
        assert!(again);
        record.did_not_repeat(&exit);
        assert!(record.take_on(&exit));
    });
    assert_eq!(unconfirmed, 1, "nothing that did not repeat");
}
