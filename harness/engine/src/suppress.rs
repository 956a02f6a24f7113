//! Suppressions: findings that a user knows of and has decided to live with, for a reason and a while.

use evfuzz_generators::values::Pointer;

use crate::finding::{Finding, Fingerprint, OracleId};

/// Findings that are not reported. All that it names has to fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Suppression {
    /// Those of this oracle.
    pub oracle: Option<OracleId>,
    /// Those in this place of the function's own code: `src/index.js`, or `src/index.js:12`.
    pub sink: Option<String>,
    /// Those that come through this place of an event, or one inside.
    pub field: Option<Pointer>,
    /// This very one.
    pub fingerprint: Option<Fingerprint>,
    /// Why.
    pub reason: String,
    /// The last day on which it holds: `2027-03-01`. Whoever makes one leaves out those that have ended.
    pub until: String,
}

impl Suppression {
    /// Whether it is about this finding.
    pub fn covers(&self, finding: &Finding) -> bool {
        let place = finding.place.as_deref();
        let point = finding.point.as_deref();
        self.oracle.is_none_or(|it| it == finding.oracle)
            && self.sink.as_deref().is_none_or(|sink| place.is_some_and(|place| is_in(place, sink)))
            && self.field.as_ref().is_none_or(|field| point.is_some_and(|point| field.covers(point)))
            && self.fingerprint.as_ref().is_none_or(|it| *it == finding.fingerprint)
    }
}

/// Whether `place`, as `file:line`, is this line or in this file.
fn is_in(place: &str, sink: &str) -> bool {
    place == sink || place.rsplit_once(':').is_some_and(|(file, _)| file == sink)
}

/// What one suppression has kept back in a run.
#[derive(Clone, Debug)]
pub struct Suppressed {
    /// By what.
    pub suppression: Suppression,
    /// Confirmed like all others, but neither stored nor counted.
    pub findings: Vec<Finding>,
}

#[cfg(test)]
mod tests {
    use evfuzz_generators::case::TestCase;
    use evfuzz_generators::grade::Grade;
    use evfuzz_generators::lexicon::Lexicon;
    use evfuzz_generators::seeds::seeds;
    use evfuzz_generators::source::EventSource;

    use super::*;
    use crate::finding::Reliability;

    fn finding() -> Finding {
        let seed = seeds(EventSource::Sqs, &Lexicon::default()).remove(0);
        Finding {
            fingerprint: Fingerprint("log-injection-00000000".to_owned()),
            oracle: OracleId::LogInjection,
            title: String::new(),
            point: Some("/Records/0/body»json»/user/name".to_owned()),
            place: Some("src/index.js:12".to_owned()),
            evidence: Vec::new(),
            reliability: Reliability { shown: 2, of: 2 },
            invocation: 1,
            grade: Grade::Reachable,
            case: TestCase::new(seed),
            before: None,
            core: None,
        }
    }

    fn any() -> Suppression {
        Suppression {
            oracle: None,
            sink: None,
            field: None,
            fingerprint: None,
            reason: String::new(),
            until: String::new(),
        }
    }

    #[test]
    fn all_that_is_named_has_to_fit() {
        let field = |text: &str| Suppression { field: Pointer::parse(text), ..any() };
        let sink = |text: &str| Suppression { sink: Some(text.to_owned()), ..any() };
        let oracle = |oracle| Suppression { oracle: Some(oracle), ..any() };
        let finding = finding();
        for fits in [
            field("/Records/*/body/user"),
            field("/Records/0/body»json»/user/name"),
            sink("src/index.js"),
            sink("src/index.js:12"),
            oracle(OracleId::LogInjection),
            Suppression { fingerprint: Some(finding.fingerprint.clone()), ..field("/Records") },
        ] {
            assert!(fits.covers(&finding), "{fits:?}");
        }
        for other in [
            field("/Records/1"),
            field("/body"),
            sink("src/index.js:1"),
            sink("index.js"),
            oracle(OracleId::SecretLeak),
            Suppression { oracle: Some(OracleId::Timeout), ..sink("src/index.js") },
        ] {
            assert!(!other.covers(&finding), "{other:?}");
        }
    }

    #[test]
    fn what_is_not_known_is_not_suppressed() {
        let finding = Finding { point: Some("the method".to_owned()), place: None, ..finding() };
        assert!(!Suppression { field: Pointer::parse("/the method"), ..any() }.covers(&finding));
        assert!(!Suppression { sink: Some("src/index.js".to_owned()), ..any() }.covers(&finding));
    }
}
