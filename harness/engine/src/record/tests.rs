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
    let record = Record::new(&corpus, &function, 1, Duration::from_secs(3), &[], &|_| {});
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
            assert!(record.take_on(&exit, Grade::Reachable));
            assert!(!record.take_on(&exit, Grade::Reachable), "somebody is at it");
            record.did_not_repeat(&exit);
        }
        assert!(!record.take_on(&exit, Grade::Reachable));
        assert!(record.take_on(&sighting("exit status 2"), Grade::Reachable), "another one");
    });
    assert_eq!(unconfirmed, u64::from(MOST_ATTEMPTS));
}

#[test]
fn what_something_else_explains_is_looked_at_again_but_more_and_more_rarely() {
    let unconfirmed = check(|record| {
        let exit = sighting("exit status 1");
        let mut taken_on = 0;
        for _ in 0..5000 {
            if record.take_on(&exit, Grade::Reachable) {
                taken_on += 1;
                record.is_explained(&exit);
            }
        }
        assert_eq!(taken_on, 99);
        // All chances to repeat are left.
        let again = (0..=taken_on).any(|_| record.take_on(&exit, Grade::Reachable));
        assert!(again);
        record.did_not_repeat(&exit);
        assert!(record.take_on(&exit, Grade::Reachable));
    });
    assert_eq!(unconfirmed, 1, "nothing that did not repeat");
}

#[test]
fn what_a_forged_event_shows_is_looked_at_again_when_a_sender_can_make_one() {
    check(|record| {
        let exit = sighting("exit status 1");
        let found = |grade| {
            let seed = evfuzz_generators::seeds::seeds(EventSource::Sqs, &Default::default()).remove(0);
            Finding {
                fingerprint: exit.fingerprint(),
                oracle: exit.oracle,
                title: exit.title.clone(),
                point: None,
                place: None,
                evidence: Vec::new(),
                reliability: crate::finding::Reliability { shown: 2, of: 2 },
                invocation: 1,
                grade,
                case: evfuzz_generators::case::TestCase::new(seed),
                before: None,
                core: None,
            }
        };
        let kept = |record: &Record<'_>| {
            let inner = record.lock();
            (inner.findings.len(), inner.forged.len())
        };
        assert!(record.take_on(&exit, Grade::Forged));
        record.confirmed(found(Grade::Forged), Duration::ZERO);
        assert_eq!(kept(record), (0, 1));
        assert!(!record.take_on(&exit, Grade::Forged));
        assert!(record.take_on(&exit, Grade::Genuine));
        record.confirmed(found(Grade::Genuine), Duration::ZERO);
        assert_eq!(kept(record), (1, 0), "it is one finding");
        assert!(!record.take_on(&exit, Grade::Reachable));
    });
}
