//! The report for people: findings on standard output, progress on standard error.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use evfuzz_engine::{Counts, Finding, Fingerprint, Listed, RunEvent, SourceVerdict, Summary};
use evfuzz_generators::deliver;
use evfuzz_generators::grade::Grade;
use evfuzz_generators::point::Control;

use super::Report;
use super::escape::{clipped, printable};
pub(crate) use super::output::to_stderr;
use super::output::to_stdout;
use crate::settings::about;

/// Without a terminal a line of progress is printed this often.
const PROGRESS_LINES: Duration = Duration::from_secs(10);

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verbosity {
    /// Findings only.
    Quiet,
    /// Everything.
    Normal,
}

/// Writes for people.
pub(crate) struct TextReport {
    verbosity: Verbosity,
    terminal: bool,
    phase: &'static str,
    counts: Counts,
    /// When the counters were true.
    counted: Instant,
    line_shown: bool,
    last_line: Instant,
    /// Confirmed, not printed yet: the block comes once the finding is shrunk.
    pending: BTreeMap<Fingerprint, (Box<Finding>, PathBuf, bool)>,
    /// A finding is told again when an event shows it that more people can make.
    printed: BTreeSet<(Fingerprint, Grade)>,
    /// Sources that are left out, by the reason; not printed yet.
    skipped: Vec<(String, Vec<&'static str>)>,
}

impl TextReport {
    pub(crate) fn new(verbosity: Verbosity) -> TextReport {
        TextReport {
            verbosity,
            terminal: std::io::stderr().is_terminal(),
            phase: "starting",
            counts: Counts::default(),
            counted: Instant::now(),
            line_shown: false,
            last_line: Instant::now(),
            pending: BTreeMap::new(),
            printed: BTreeSet::new(),
            skipped: Vec::new(),
        }
    }

    /// One line to standard error.
    pub(crate) fn note(&mut self, text: &str) {
        if self.verbosity == Verbosity::Normal {
            self.clear_line();
            to_stderr(&format!("{text}\n"));
        }
    }

    fn clear_line(&mut self) {
        if self.line_shown {
            to_stderr("\r\x1b[K");
            self.line_shown = false;
        }
    }

    fn status(&mut self) {
        if self.verbosity == Verbosity::Quiet {
            return;
        }
        let Counts { invocations, elapsed, findings, since_last_find, behaviours } = self.counts;
        // A slow function lets the counters rest, but not the clock.
        let since_then = self.counted.elapsed();
        let elapsed = elapsed + since_then;
        let rate = invocations as f64 / elapsed.as_secs_f64().max(0.001);
        let last = since_last_find
            .map(|since| format!(" (last {} ago)", short(since + since_then)))
            .unwrap_or_default();
        let text = format!(
            "{:<8} {}  {}  {rate:.0}/s  {}  {}{last}",
            self.phase,
            short(elapsed),
            counted(invocations, "event"),
            counted(behaviours, "behaviour"),
            counted(findings, "finding"),
        );
        if self.terminal {
            to_stderr(&format!("\r{}\x1b[K", clipped(&text, 79)));
            self.line_shown = true;
        } else if self.last_line.elapsed() >= PROGRESS_LINES {
            self.last_line = Instant::now();
            to_stderr(&format!("{text}\n"));
        }
    }

    fn print_finding(&mut self, finding: &Finding, folder: Option<&Path>, known: bool) {
        if self.printed.insert((finding.fingerprint.clone(), finding.grade)) {
            self.clear_line();
            to_stdout(&block(finding, folder, known));
        }
    }

    /// The sources that are left out: those with one reason in one line.
    fn print_skipped(&mut self) {
        for (reason, titles) in std::mem::take(&mut self.skipped) {
            let reason = clipped(&printable(&reason), 120);
            match titles.as_slice() {
                [title] => self.note(&format!("  {title:<22} skipped: {reason}")),
                titles => self.note(&format!("  skipped ({reason}): {}", titles.join(", "))),
            }
        }
    }

    fn print_pending(&mut self) {
        for (_, (finding, folder, known)) in std::mem::take(&mut self.pending) {
            self.print_finding(&finding, Some(&folder), known);
        }
    }
}

impl Report for TextReport {
    fn event(&mut self, event: RunEvent) {
        if !matches!(event, RunEvent::BaselineFinished { .. }) {
            self.print_skipped();
        }
        match event {
            RunEvent::PhaseStarted { phase } => {
                self.phase = phase;
                self.status();
            }
            RunEvent::BaselineFinished { source, verdict } => match verdict {
                SourceVerdict::Accepted => self.note(&format!("  {:<22} accepted", source.title())),
                SourceVerdict::FailsOnValidEvents { reason } => self.note(&format!(
                    "  {:<22} fails on every valid event ({}); trying it all the same",
                    source.title(),
                    clipped(&printable(&reason), 120)
                )),
                SourceVerdict::Skipped { reason } => {
                    let same = self.skipped.iter_mut().find(|(it, _)| *it == reason);
                    match same {
                        Some((_, titles)) => titles.push(source.title()),
                        None => self.skipped.push((reason, vec![source.title()])),
                    }
                }
            },
            RunEvent::EndsAfterAnswers { how } => self.note(&format!(
                "  its process ends after each answer ({}): fuzzing is slow, and tells little",
                clipped(&printable(&how), 120)
            )),
            RunEvent::FindingConfirmed { finding, folder, known, elapsed: _ } => {
                self.counts.findings += 1;
                let fingerprint = finding.fingerprint.clone();
                self.pending.insert(fingerprint, (finding, folder, known));
            }
            RunEvent::FindingShrunk { finding, folder } => {
                let known = self.pending.remove(&finding.fingerprint).is_some_and(|(_, _, known)| known);
                self.print_finding(&finding, Some(&folder), known);
            }
            RunEvent::NotStored { finding, reason } => {
                self.print_finding(&finding, None, false);
                self.clear_line();
                to_stderr(&format!("evfuzz: this finding could not be stored: {}\n", printable(&reason)));
            }
            RunEvent::SightingListed(_) => {}
            RunEvent::Progressed(counts) => {
                self.counts = counts;
                self.counted = Instant::now();
                self.status();
            }
        }
    }

    fn tick(&mut self) {
        self.status();
    }

    fn summary(&mut self, summary: &Summary) {
        self.print_pending();
        self.clear_line();
        if self.verbosity == Verbosity::Quiet {
            return;
        }
        to_stdout(&closing(summary));
    }
}

/// What is said at the end of a run.
fn closing(summary: &Summary) -> String {
    let mut text = String::new();
    listed(&summary.listed, &mut text);
    coverage(summary, &mut text);
    let counts = summary.counts;
    text.push_str(&format!(
        "\n{} in {}, {}{}, {}",
        counted(counts.invocations, "event"),
        short(counts.elapsed),
        counted(summary.processes, "process"),
        match summary.ended {
            0 => String::new(),
            1 => " (1 ended by itself)".to_owned(),
            ended => format!(" ({ended} ended by themselves)"),
        },
        counted(summary.findings.len() as u64, "finding"),
    ));
    if summary.known > 0 {
        text.push_str(&format!(" ({} stored by an earlier run)", summary.known));
    }
    if summary.unconfirmed > 0 {
        text.push_str(&format!(
            "; {} did not repeat and {} not reported",
            counted(summary.unconfirmed, "sighting"),
            if summary.unconfirmed == 1 { "is" } else { "are" },
        ));
    }
    if summary.ordinary > 0 {
        text.push_str(&format!(
            "; {} happened with valid events as well and {} not reported",
            counted(summary.ordinary, "sighting"),
            if summary.ordinary == 1 { "is" } else { "are" },
        ));
    }
    if summary.interrupted {
        text.push_str("; interrupted");
    }
    text.push('\n');
    if !summary.forged.is_empty() {
        text.push_str(&format!(
            "{} on events that no sender can make {} hidden; show {} with --show-forged\n",
            counted(summary.forged.len() as u64, "finding"),
            if summary.forged.len() == 1 { "is" } else { "are" },
            if summary.forged.len() == 1 { "it" } else { "them" },
        ));
    }
    for suppressed in &summary.suppressed {
        let count = suppressed.findings.len() as u64;
        text.push_str(&format!(
            "{} suppressed until {}: {} ({})\n",
            counted(count, "finding"),
            suppressed.suppression.until,
            about(&suppressed.suppression),
            printable(&suppressed.suppression.reason),
        ));
    }
    if let Some(reason) = &summary.always_fails {
        text.push_str(&format!(
            "\nThe function fails in the same way on every event: {}\n\
                 Pass an event that it accepts with --event FILE (or put it into events/*.json beside the\n\
                 function), or a variable that it needs with --env NAME=VALUE.\n",
            printable(reason)
        ));
    }
    if let Some(how) = &summary.short_lived {
        text.push_str(&format!(
            "\nThe function answers, but after each answer its process ends: {}\n\
                 Lambda starts it anew again and again, and what was still to be done is lost. Fuzzing it is slow,\n\
                 and a crash that some event causes cannot be told from this one: mend this first.\n",
            printable(how)
        ));
    }
    if summary.nothing_was_fuzzed() && summary.always_fails.is_none() {
        text.push_str(
            "\nNothing was fuzzed: the valid events that a run begins with have used up all it was given.\n\
                 Give it more with --time or --invocations, or name one event source with --source.\n",
        );
    }
    for (reason, count) in &summary.unused_words {
        let why = match *reason {
            "bytes" => "not UTF-8, and no place in the events takes bytes",
            "too-long" => "longer than any place in the events takes",
            _ => "with characters that no place in the events takes",
        };
        text.push_str(&format!(
            "\nNote: {} of the dictionary not used: {why}.\n",
            counted(*count as u64, "word")
        ));
    }
    for place in &summary.unused_places {
        text.push_str(&format!(
            "\nNote: the values for {} are not used: no event has such a place that a sender fills.\n  \
             `evfuzz inspect EVENT` lists the places of an event.\n",
            printable(place)
        ));
    }
    if let Some(note) = &summary.source_map_note {
        text.push_str(&format!(
            "\nNote: {}; places in that file are named as they are in the bundle.\n",
            printable(note)
        ));
    }
    if let Some(note) = summary.observer_note {
        text.push_str(&format!("\nNote: {note}.\n"));
    }
    text
}

/// A finding in at most 25 lines of at most 100 columns.
pub(crate) fn block(finding: &Finding, folder: Option<&Path>, known: bool) -> String {
    let oracle = finding.oracle;
    let mut text = format!(
        "\n{} {} · {} · CWE-{}{}\n  {}\n",
        "FINDING",
        oracle,
        oracle.severity().id(),
        oracle.cwe(),
        if known { " · stored by an earlier run" } else { "" },
        printable(&finding.title),
    );
    let mut row = |label: &str, value: &str| {
        text.push_str(&format!("  {label:<15} {}\n", clipped(value, 400)));
    };
    row("event source", finding.case.seed.source.title());
    match &finding.point {
        Some(point) => row("where", &format!("{}{}", printable(point), reach(finding))),
        None if finding.case.edits.is_empty() => {
            row("where", &format!("a valid event as it is ({})", printable(&finding.case.seed.name)));
        }
        None => {}
    }
    if finding.grade != Grade::Reachable {
        row("event", &format!("{}: {}", finding.grade.id(), finding.grade.explain()));
    }
    if let Some(place) = &finding.place {
        row("code", &printable(place));
    }
    for evidence in finding.evidence.iter().take(6) {
        row(&evidence.label, &clipped(&printable(&evidence.text), 240));
    }
    let reliability = finding.reliability;
    row(
        "seen",
        &format!(
            "{}{} of {} times, {} events into the run",
            if reliability.shown < reliability.of { "flaky: " } else { "" },
            reliability.shown,
            reliability.of,
            finding.invocation
        ),
    );
    let first = finding.before.as_ref().map(|case| ("deliver first", case));
    for (label, case) in first.into_iter().chain([("deliver", &finding.case)]) {
        let command = deliver::command(case);
        let lines: Vec<&str> = command.lines().collect();
        for (number, line) in lines.iter().take(6).enumerate() {
            row(if number == 0 { label } else { "" }, &printable(line));
        }
        if lines.len() > 6 {
            row("", "… (the whole command is in README.md)");
        }
    }
    if let Some(folder) = folder {
        row(
            "replay",
            &format!("evfuzz replay {}", printable(&deliver::quote(&folder.display().to_string()))),
        );
    }
    row("fix", &format!("{}  (evfuzz explain {oracle})", oracle.fix()));
    text
}

/// Who can put text there.
fn reach(finding: &Finding) -> &'static str {
    let planted = finding.case.render().planted;
    match planted.first().map(|planted| planted.point.control) {
        Some(Control::Attacker) => "  (reachable: the sender controls it)",
        Some(Control::Conditional) => "  (conditional: reachable if senders can choose it)",
        Some(Control::Derived | Control::Aws) | None => "",
    }
}

fn listed(listed: &[Listed], text: &mut String) {
    if listed.is_empty() {
        return;
    }
    text.push_str("\nAlso seen, not reported as findings (see evfuzz explain unhandled-error):\n");
    for it in listed.iter().take(8) {
        let place = it.place.as_deref().map(|place| format!(" at {}", printable(place))).unwrap_or_default();
        text.push_str(&format!(
            "  {:<22} {}{place}\n",
            it.source.title(),
            clipped(&printable(&it.detail), 110)
        ));
    }
    if listed.len() > 8 {
        text.push_str(&format!("  … and {} more\n", listed.len() - 8));
    }
}

/// Events per source and payload class, with the points they reached.
fn coverage(summary: &Summary, text: &mut String) {
    let mut rows: BTreeMap<(&str, &str), (u64, BTreeSet<&str>)> = BTreeMap::new();
    for ((source, point, class), events) in &summary.coverage {
        let row = rows.entry((source.title(), class)).or_default();
        row.0 += events;
        row.1.insert(point);
    }
    if rows.is_empty() {
        return;
    }
    text.push_str("\nPayloads delivered:\n");
    for ((source, class), (events, points)) in rows {
        text.push_str(&format!(
            "  {source:<22} {class:<19} {events:>7} in {}\n",
            counted(points.len() as u64, "injection point")
        ));
    }
}

/// `1 event`, `2 events`, `3 processes`.
pub(crate) fn counted(number: u64, what: &str) -> String {
    let ending = match what {
        _ if number == 1 => "",
        _ if what.ends_with('s') => "es",
        _ => "s",
    };
    format!("{number} {what}{ending}")
}

/// `4s`, `3m12s`, `250ms`.
pub(crate) fn short(time: Duration) -> String {
    match time.as_millis() {
        millis @ 0..1000 => format!("{millis}ms"),
        millis @ 1000..60_000 => format!("{}s", millis / 1000),
        millis => format!("{}m{:02}s", millis / 60_000, millis / 1000 % 60),
    }
}

#[cfg(test)]
mod tests;
