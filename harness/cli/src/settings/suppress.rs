//! `[[suppress]]`: findings that a user does not want to be told of, and until when.

use std::time::SystemTime;

use evfuzz_engine::{Fingerprint, OracleId, Suppression};
use evfuzz_generators::values::Pointer;
use serde::Deserialize;

use crate::report::escape::printable;

/// As it is written. What it is about is one of the first four, or several of them together.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    oracle: Option<String>,
    sink: Option<String>,
    field: Option<String>,
    fingerprint: Option<String>,
    reason: String,
    until: toml::value::Datetime,
}

impl Written {
    /// # Errors
    ///
    /// What is wrong with it, in one line.
    pub(super) fn read(self) -> Result<Suppression, String> {
        let Written { oracle, sink, field, fingerprint, reason, until } = self;
        if oracle.is_none() && sink.is_none() && field.is_none() && fingerprint.is_none() {
            return Err("says not what it is about: oracle, sink, field or fingerprint".to_owned());
        }
        if reason.trim().is_empty() {
            return Err("has an empty reason".to_owned());
        }
        let date = until.date.ok_or("`until` is no date, such as 2027-03-01")?;
        let oracle = oracle.map(|id| {
            let unknown = || {
                let known: Vec<&str> = OracleId::ALL.into_iter().map(OracleId::id).collect();
                format!("no oracle is called {}; there are {}", printable(&id), known.join(", "))
            };
            OracleId::from_id(&id).ok_or_else(unknown)
        });
        let field = field.map(|text| {
            let wrong = || {
                let text = printable(&text);
                format!("{text} is no place in an event: it begins with /, as in /body/user/id")
            };
            Pointer::parse(&text).ok_or_else(wrong)
        });
        Ok(Suppression {
            oracle: oracle.transpose()?,
            sink,
            field: field.transpose()?,
            fingerprint: fingerprint.map(Fingerprint),
            reason,
            until: date.to_string(),
        })
    }
}

/// Takes those out that have ended. Dates are compared as texts: `2027-03-01`.
pub(super) fn ended(suppressions: &mut Vec<Suppression>, today: &str) -> Vec<Suppression> {
    let (holding, ended) =
        std::mem::take(suppressions).into_iter().partition(|it: &Suppression| today <= it.until.as_str());
    *suppressions = holding;
    ended
}

/// The date here and now in UTC: what CI machines have.
pub(super) fn today() -> String {
    let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    now.split('T').next().unwrap_or_default().to_owned()
}

/// What a suppression is about, in a few words.
pub(crate) fn about(suppression: &Suppression) -> String {
    let Suppression { oracle, sink, field, fingerprint, reason: _, until: _ } = suppression;
    let mut words = Vec::new();
    if let Some(fingerprint) = fingerprint {
        words.push(printable(&fingerprint.0));
    }
    if let Some(oracle) = oracle {
        words.push(oracle.id().to_owned());
    }
    if let Some(sink) = sink {
        words.push(format!("in {}", printable(sink)));
    }
    if let Some(field) = field {
        words.push(format!("through {}", printable(field.as_str())));
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn until(date: &str) -> Suppression {
        let text = format!("oracle = \"log-injection\"\nreason = \"known\"\nuntil = {date}");
        toml::from_str::<Written>(&text).unwrap().read().unwrap()
    }

    #[test]
    fn a_suppression_holds_on_its_last_day() {
        let mut all = vec![until("2027-03-01"), until("2027-02-28"), until("2027-03-01T10:00:00Z")];
        assert_eq!(ended(&mut all, "2027-03-01").len(), 1);
        assert_eq!(all.len(), 2);
        assert_eq!(about(&all[0]), "log-injection");
    }

    #[test]
    fn today_is_a_date() {
        let today = today();
        assert!(today.parse::<toml::value::Datetime>().is_ok_and(|it| it.date.is_some()), "{today}");
    }
}
