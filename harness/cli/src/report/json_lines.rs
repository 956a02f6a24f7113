//! One JSON object per line on standard output: `--format json`. Format version 1.
//!
//! Every object has `type`. Fields may be added; none is renamed or removed within a version.

use std::collections::BTreeMap;
use std::time::Duration;

use evfuzz_engine::{
    Counts, Finding, Fingerprint, Listed, ReplayReport, RunEvent, SourceVerdict, StoredFinding, Summary,
    Suppressed, Suppression,
};
use evfuzz_generators::deliver;
use evfuzz_generators::source::EventSource;
use serde_json::{Value, json};

use super::Report;
use super::output::to_stdout;

/// Version of the lines.
const FORMAT: u32 = 1;

/// Writes for programs.
pub(crate) struct JsonLines;

impl JsonLines {
    /// The first line of a run.
    pub(crate) fn started(&self, run: Value) {
        let mut line = json!({ "type": "started", "format": FORMAT, "evfuzz": env!("CARGO_PKG_VERSION") });
        if let (Value::Object(line), Value::Object(run)) = (&mut line, run) {
            line.extend(run);
        }
        write(&line);
    }

    /// One replayed finding.
    pub(crate) fn replayed(&self, stored: &StoredFinding, report: &ReplayReport) {
        write(&json!({
            "type": "replayed",
            "fingerprint": report.fingerprint,
            "verdict": report.verdict.label(),
            "shown": report.shown,
            "of": report.of,
            "grade": stored.finding.grade,
            "folder": stored.folder.display().to_string(),
            "title": stored.finding.title,
        }));
    }

    /// An entry that was left out.
    pub(crate) fn skipped(&self, path: &str, reason: &str) {
        write(&json!({ "type": "skipped", "path": path, "reason": reason }));
    }
}

impl Report for JsonLines {
    fn event(&mut self, event: RunEvent) {
        write(&match event {
            RunEvent::PhaseStarted { phase } => json!({ "type": "phase", "phase": phase }),
            RunEvent::BaselineFinished { source, verdict } => {
                let (verdict, reason) = match verdict {
                    SourceVerdict::Accepted => ("accepted", None),
                    SourceVerdict::FailsOnValidEvents { reason } => ("fails", Some(reason)),
                    SourceVerdict::Skipped { reason } => ("skipped", Some(reason)),
                };
                json!({ "type": "baseline", "source": source.id(), "verdict": verdict, "reason": reason })
            }
            RunEvent::EndsAfterAnswers { how } => json!({ "type": "ends-after-answers", "how": how }),
            RunEvent::FindingConfirmed { finding, folder, known, elapsed } => {
                let mut line = finding_line(&finding);
                line["type"] = json!("confirmed");
                line["folder"] = json!(folder.display().to_string());
                line["known"] = json!(known);
                line["elapsed_ms"] = millis(elapsed);
                line
            }
            RunEvent::FindingShrunk { finding, folder } => {
                let mut line = finding_line(&finding);
                line["folder"] = json!(folder.display().to_string());
                line
            }
            RunEvent::NotStored { finding, reason } => {
                let mut line = finding_line(&finding);
                line["not_stored"] = json!(reason);
                line
            }
            RunEvent::SightingListed(listed) => listed_line(&listed),
            RunEvent::Progressed(counts) => {
                let mut line = counts_value(&counts);
                line["type"] = json!("progress");
                line
            }
        });
    }

    fn tick(&mut self) {}

    fn summary(&mut self, summary: &Summary) {
        let mut line = counts_value(&summary.counts);
        line["type"] = json!("summary");
        line["fingerprints"] = summary.findings.iter().map(|it| it.fingerprint.0.clone()).collect();
        line["forged"] = summary.forged.iter().map(|it| it.fingerprint.0.clone()).collect();
        line["known"] = json!(summary.known);
        line["suppressed"] = summary.suppressed.iter().map(suppressed_line).collect();
        line["listed"] = summary.listed.iter().map(listed_line).collect();
        line["unsendable"] = rows(&summary.unsendable);
        line["unused_words"] = json!(summary.unused_words);
        line["unused_places"] = json!(summary.unused_places);
        line["unconfirmed"] = json!(summary.unconfirmed);
        line["ordinary"] = json!(summary.ordinary);
        line["fuzzed"] = json!(summary.fuzzed);
        line["processes"] = json!(summary.processes);
        line["ended"] = json!(summary.ended);
        line["short_lived"] = json!(summary.short_lived);
        line["always_fails"] = json!(summary.always_fails);
        line["interrupted"] = json!(summary.interrupted);
        line["not_stored"] = json!(summary.not_stored);
        line["source_map_note"] = json!(summary.source_map_note);
        line["observer_note"] = json!(summary.observer_note);
        line["points"] = summary
            .points
            .iter()
            .map(|(source, point)| json!({ "source": source.id(), "point": point }))
            .collect();
        line["coverage"] = rows(&summary.coverage);
        write(&line);
    }
}

fn finding_line(finding: &Finding) -> Value {
    let rendered = finding.case.render();
    json!({
        "type": "finding",
        "fingerprint": finding.fingerprint,
        "oracle": finding.oracle,
        "severity": finding.oracle.severity(),
        "cwe": finding.oracle.cwe(),
        "title": finding.title,
        "source": finding.case.seed.source.id(),
        "point": finding.point,
        "grade": finding.grade,
        "place": finding.place,
        "evidence": finding.evidence,
        "verdict": finding.reliability.verdict(),
        "reliability": finding.reliability,
        "invocation": finding.invocation,
        "edits": finding.case.edits.len(),
        "before": finding.before.as_ref().map(|it| it.render().event),
        "event": rendered.event,
        "deliver": deliver::command(&finding.case),
    })
}

fn suppressed_line(suppressed: &Suppressed) -> Value {
    let Suppression { oracle, sink, field, fingerprint, reason, until } = &suppressed.suppression;
    let fingerprints: Vec<&Fingerprint> = suppressed.findings.iter().map(|it| &it.fingerprint).collect();
    json!({
        "oracle": oracle,
        "sink": sink,
        "field": field.as_ref().map(|it| it.as_str()),
        "fingerprint": fingerprint,
        "reason": reason,
        "until": until,
        "fingerprints": fingerprints,
    })
}

fn listed_line(listed: &Listed) -> Value {
    json!({
        "type": "listed",
        "oracle": listed.oracle,
        "source": listed.source.id(),
        "title": listed.title,
        "place": listed.place,
        "detail": listed.detail,
    })
}

fn counts_value(counts: &Counts) -> Value {
    json!({
        "invocations": counts.invocations,
        "elapsed_ms": millis(counts.elapsed),
        "findings": counts.findings,
        "since_last_find_ms": counts.since_last_find.map(millis),
        "behaviours": counts.behaviours,
    })
}

fn rows(counts: &BTreeMap<(EventSource, String, &'static str), u64>) -> Value {
    let row = |((source, point, class), invocations): (&(EventSource, String, &'static str), &u64)| json!({ "source": source.id(), "point": point, "class": class, "invocations": invocations });
    counts.iter().map(row).collect()
}

fn millis(time: Duration) -> Value {
    json!(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

fn write(line: &Value) {
    to_stdout(&format!("{line}\n"));
}
