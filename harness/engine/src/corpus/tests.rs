//! Slugs, folders that are complete or absent, damaged entries.

use std::fs;
use std::path::Path;

use evfuzz_generators::case::TestCase;
use evfuzz_generators::edit::Frame;
use evfuzz_generators::grade::Grade;
use evfuzz_generators::lexicon::Lexicon;
use evfuzz_generators::nonce::NonceSource;
use evfuzz_generators::payload::{Payload, PayloadClass};
use evfuzz_generators::point::InjectionPoint;
use evfuzz_generators::seeds::seeds;
use evfuzz_generators::source::EventSource;

use super::*;
use crate::finding::{Evidence, Finding, Fingerprint, OracleId, Reliability};

fn function(path: &str) -> FunctionRef {
    FunctionRef {
        name: "handler".to_owned(),
        path: path.into(),
        handler: "index.handler".to_owned(),
        runtime: "nodejs20.x".to_owned(),
        env: vec!["TABLE".to_owned()],
    }
}

fn finding(place: &str) -> Finding {
    let seed = seeds(EventSource::Sqs, &Lexicon::default()).remove(0);
    Finding {
        fingerprint: Fingerprint::of(OracleId::UnhandledError, &["TypeError", place]),
        oracle: OracleId::UnhandledError,
        title: "TypeError reaches the top of the handler".to_owned(),
        point: None,
        place: Some(place.to_owned()),
        evidence: vec![Evidence::new("error", "TypeError: \u{1b}[31m\nnot a red line")],
        reliability: Reliability { shown: 2, of: 2 },
        invocation: 9,
        grade: Grade::Reachable,
        case: TestCase::new(seed),
        before: None,
        core: None,
    }
}

#[test]
fn a_stored_finding_loads_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = Corpus::open(folder.path(), &function("a")).unwrap();
    let stored = corpus.store(&finding("a.js:1"), &function("a"), 7, 3000).unwrap();
    corpus.store(&finding("a.js:2"), &function("a"), 7, 3000).unwrap();
    let (found, skipped) = Corpus::load(folder.path()).unwrap();
    assert_eq!((found.len(), skipped.len()), (2, 0));
    let one = found.iter().find(|it| it.folder == stored).unwrap();
    assert_eq!(one.finding, finding("a.js:1"));
    assert_eq!(one.event, finding("a.js:1").case.render().bytes);
    assert!(corpus.holds(&one.finding.fingerprint, Grade::Reachable));
    let readme = fs::read_to_string(stored.join("README.md")).unwrap();
    assert!(readme.contains("\\u{1b}[31m\\nnot a red line"), "{readme}");
}

#[test]
fn storing_again_replaces_and_leaves_nothing_beside() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = Corpus::open(folder.path(), &function("a")).unwrap();
    for invocation in [1, 2] {
        let again = Finding { invocation, ..finding("a.js:1") };
        corpus.store(&again, &function("a"), 7, 3000).unwrap();
    }
    let (found, _) = Corpus::load(folder.path()).unwrap();
    assert_eq!(found[0].finding.invocation, 2);
    fs::write(found[0].folder.join("NOTES.md"), "mine").unwrap();
    corpus.store(&finding("a.js:1"), &function("a"), 7, 3000).unwrap();
    assert!(found[0].folder.join("NOTES.md").exists(), "what somebody else put there stays");
    assert_eq!(fs::read_dir(folder.path().join("findings")).unwrap().count(), 1);
}

#[test]
fn unfinished_folders_of_dead_runs_are_cleared_and_never_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let findings = folder.path().join("findings");
    // No process can have this id: the kernel's limit is 2^22.
    let dead = findings.join(".evfuzz-tmp-timeout-00000000.99999999");
    let alive = findings.join(format!(".evfuzz-tmp-timeout-00000000.{}", std::process::id()));
    for unfinished in [&dead, &alive] {
        fs::create_dir_all(unfinished).unwrap();
    }
    let corpus = Corpus::open(folder.path(), &function("a")).unwrap();
    assert!(!dead.exists() && alive.exists());
    assert!(matches!(Corpus::load(corpus.folder()), Err(CorpusError::Empty { .. })));
}

#[test]
fn the_name_decides_the_folder_until_another_function_has_it() {
    let root = tempfile::tempdir().unwrap();
    assert_eq!(function_slug(root.path(), &function("services/a")), "handler");
    Corpus::open(&root.path().join("handler"), &function("services/a")).unwrap();
    assert_eq!(function_slug(root.path(), &function("services/a")), "handler");
    assert_eq!(function_slug(root.path(), &function("services/b")), "services-b");
    assert_eq!(
        function_slug(Path::new("nowhere"), &FunctionRef { name: "../x y".into(), ..function("a") }),
        "x-y"
    );
}

#[test]
fn a_file_of_another_tool_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("function.json");
    fs::write(&file, "{\"FunctionName\": \"mine\"}").unwrap();
    assert!(matches!(Corpus::open(folder.path(), &function("a")), Err(CorpusError::Foreign { .. })));
    assert_eq!(fs::read_to_string(&file).unwrap(), "{\"FunctionName\": \"mine\"}");
}

#[test]
fn a_finding_that_cannot_be_rebuilt_is_skipped_not_fixed() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = Corpus::open(folder.path(), &function("a")).unwrap();
    let seed = seeds(EventSource::Sqs, &Lexicon::default()).remove(0);
    let case = TestCase::new(seed);
    let payload = Payload::of_class(PayloadClass::ShellCommand).next().unwrap();
    let nonce = NonceSource::new(1).take();
    let plant = |at: &InjectionPoint| case.plant(&at.locator, payload, Frame::none(), nonce.clone()).ok();
    let case = case.points().iter().find_map(plant).unwrap();
    let stored = corpus.store(&Finding { case, ..finding("a.js:1") }, &function("a"), 7, 3000).unwrap();
    assert_eq!(Corpus::load(folder.path()).unwrap().0.len(), 1);
    let file = stored.join("finding.json");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace(payload.id, "no-such-payload")).unwrap();
    let (found, skipped) = Corpus::load(folder.path()).unwrap();
    assert_eq!((found.len(), skipped.len()), (0, 1));
}

#[test]
fn what_could_not_be_completed_does_not_stay() {
    let folder = tempfile::tempdir().unwrap();
    let unfinished = |folder: &Path| {
        let names = fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
        names.filter(|it| it.starts_with(".evfuzz-tmp-")).collect::<Vec<_>>()
    };
    // A folder cannot be replaced by a file.
    fs::create_dir(folder.path().join("function.json")).unwrap();
    assert!(matches!(Corpus::open(folder.path(), &function("a")), Err(CorpusError::Write { .. })));
    assert_eq!(unfinished(folder.path()), Vec::<String>::new());
    fs::remove_dir(folder.path().join("function.json")).unwrap();

    // No process has this number. This one has its own, and may be at it.
    let dead = ".evfuzz-tmp-function.json.4294967295";
    let own = format!(".evfuzz-tmp-function.json.{}", std::process::id());
    let findings = folder.path().join("findings");
    fs::create_dir_all(findings.join(".evfuzz-tmp-timeout-01234567.4294967295/x")).unwrap();
    // Complete already: nothing is written, and the leftovers go all the same.
    for _ in 0..2 {
        fs::write(folder.path().join(dead), "{").unwrap();
        fs::write(folder.path().join(&own), "{").unwrap();
        Corpus::open(folder.path(), &function("a")).unwrap();
        assert!(!unfinished(folder.path()).contains(&dead.to_owned()));
        assert_eq!(unfinished(&findings), Vec::<String>::new());
    }
    assert_eq!(unfinished(folder.path()), [own]);
}

#[test]
fn findings_on_forged_events_are_kept_apart_until_a_sender_can_make_one() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = Corpus::open(folder.path(), &function("a")).unwrap();
    let forged = Finding { grade: Grade::Forged, ..finding("a.js:1") };
    let store = |finding: &Finding| corpus.store(finding, &function("a"), 7, 3000).unwrap();
    let apart = store(&forged);
    assert!(apart.starts_with(folder.path().join("findings-forged")));
    assert!(corpus.holds(&forged.fingerprint, Grade::Forged));
    assert!(!corpus.holds(&forged.fingerprint, Grade::Genuine));
    let (found, skipped) = Corpus::load(folder.path()).unwrap();
    assert_eq!((found.len(), skipped.len(), found[0].finding.grade), (1, 0, Grade::Forged));
    fs::write(apart.join("notes.txt"), "mine").unwrap();

    let genuine = store(&Finding { grade: Grade::Genuine, ..finding("a.js:1") });
    assert!(genuine.starts_with(folder.path().join("findings")) && !apart.exists());
    assert_eq!(fs::read_to_string(genuine.join("notes.txt")).unwrap(), "mine");
    assert_eq!(store(&forged), genuine, "a forged event does not take its place");
    let (found, _) = Corpus::load(folder.path()).unwrap();
    assert_eq!((found.len(), found[0].finding.grade), (1, Grade::Genuine));
    let readme = fs::read_to_string(genuine.join("README.md")).unwrap();
    assert!(readme.contains("AWS delivers such events"), "{readme}");
}
