//! `evfuzz replay`: stored findings again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use evfuzz_engine::{Corpus, FunctionRef, ReplayReport, Skipped, Stop, StoredFinding, Verdict};
use evfuzz_generators::grade::Grade;

use super::function::{self, Opened};
use crate::args::{Format, FunctionArgs, ReplayArgs};
use crate::exit::{Exit, Failure, causes};
use crate::report::escape::{clipped, printable};
use crate::report::json_lines::JsonLines;
use crate::report::output::{to_stderr, to_stdout};
use crate::report::text::counted;
use crate::settings::Settings;
use crate::signals;

pub(super) fn replay(args: &ReplayArgs) -> Result<Exit, Failure> {
    let stop = Arc::new(Stop::default());
    signals::listen(&stop)
        .map_err(|error| Failure::environment(format!("cannot listen for Ctrl-C: {error}")))?;
    let Loaded { groups, skipped, forged } = load(args)?;
    for entry in &skipped {
        tell_skipped(args.format, entry);
    }
    if forged > 0 && args.format == Format::Text {
        to_stderr(&format!(
            "evfuzz: {} on events that no sender can make {} left out; replay them with --show-forged\n",
            counted(forged, "finding"),
            if forged == 1 { "is" } else { "are" },
        ));
    }
    if groups.is_empty() && skipped.is_empty() && forged > 0 {
        return Ok(Exit::Clean);
    }
    if groups.is_empty() {
        return Err(Failure::environment("nothing to replay: no stored finding could be read"));
    }
    let mut reports = Vec::new();
    let mut failure = None;
    for (function, findings) in &groups {
        if stop.requested() {
            break;
        }
        let findings = &unsuppressed(args, function, findings.clone())?;
        if findings.is_empty() {
            continue;
        }
        let mut tell = |stored: &StoredFinding, report: &ReplayReport| tell(args.format, stored, report);
        let replayed = open(args, function, findings).and_then(|Opened { session, .. }| {
            Ok(evfuzz_engine::replay(&session, findings, &stop, &mut tell)?)
        });
        match replayed {
            Ok(replayed) => reports.extend(replayed),
            // One function that moved must not hide what became of the others.
            Err(error) => {
                to_stderr(&format!("evfuzz: {}: {}\n", printable(&function.name), error.message));
                failure = failure.or(Some(error.exit));
            }
        }
    }
    let failing = reports.iter().filter(|report| report.verdict != Verdict::Fixed).count();
    if args.format == Format::Text {
        let end = if stop.requested() { "; interrupted" } else { "" };
        to_stdout(&format!("{} replayed, {failing} still failing or flaky{end}\n", reports.len()));
    }
    Ok(if stop.requested() {
        Exit::Interrupted
    } else if failing > 0 {
        Exit::Findings
    } else if let Some(exit) = failure {
        exit
    } else if !skipped.is_empty() {
        // Not all was looked at, so it cannot be said that all is well.
        Exit::Environment
    } else {
        Exit::Clean
    })
}

type Groups = BTreeMap<FunctionRef, Vec<StoredFinding>>;

/// What there is to replay.
struct Loaded {
    groups: Groups,
    skipped: Vec<Skipped>,
    /// Findings on forged events that nobody asked for.
    forged: u64,
}

fn load(args: &ReplayArgs) -> Result<Loaded, Failure> {
    let mut groups = Groups::new();
    let mut skipped = Vec::new();
    let mut forged = 0;
    for path in &args.path {
        if !path.exists() {
            let path = printable(&path.display().to_string());
            return Err(Failure::usage(format!(
                "there is no {path}; pass a corpus such as corpora/my-function"
            )));
        }
        let (findings, left_out) =
            Corpus::load(path).map_err(|error| Failure::environment(causes(&error)))?;
        skipped.extend(left_out);
        for finding in findings {
            let is_forged = finding.finding.grade == Grade::Forged;
            if is_forged && !args.show_forged && !names(path, &finding.folder) {
                forged += 1;
                continue;
            }
            let group = groups.entry(finding.function.clone()).or_default();
            if !group.iter().any(|known| known.folder == finding.folder) {
                group.push(finding);
            }
        }
    }
    Ok(Loaded { groups, skipped, forged })
}

/// The findings without those that the function's `evfuzz.toml` suppresses, unless somebody names them.
fn unsuppressed(
    args: &ReplayArgs,
    function: &FunctionRef,
    mut findings: Vec<StoredFinding>,
) -> Result<Vec<StoredFinding>, Failure> {
    let Some(path) = args.function_path.clone().or_else(|| locate(function, &findings)) else {
        return Ok(findings);
    };
    let suppressions = Settings::read(&path, &[])?.suppressions;
    let before = findings.len();
    findings.retain(|it| {
        let is_named = args.path.iter().any(|path| names(path, &it.folder));
        is_named || !suppressions.iter().any(|suppression| suppression.covers(&it.finding))
    });
    let left_out = (before - findings.len()) as u64;
    if left_out > 0 && args.format == Format::Text {
        to_stderr(&format!(
            "evfuzz: {} of {} {} suppressed and left out; what is named by its own folder is replayed all the same\n",
            counted(left_out, "finding"),
            printable(&function.name),
            if left_out == 1 { "is" } else { "are" },
        ));
    }
    Ok(findings)
}

/// Whether a person who typed `path` meant this very finding: its folder, or a file in it.
fn names(path: &Path, folder: &Path) -> bool {
    let parent = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    (if path.is_file() { parent } else { path }) == folder
}

/// Opens the function of a finding: where the user says, else where it was, seen from here or
/// from a folder above the corpus.
fn open(args: &ReplayArgs, function: &FunctionRef, findings: &[StoredFinding]) -> Result<Opened, Failure> {
    let path = match &args.function_path {
        Some(path) => path.clone(),
        None => locate(function, findings).ok_or_else(|| {
            Failure::usage(format!(
                "the function {} is not at {}; name its folder with --function DIR",
                printable(&function.name),
                printable(&function.path.display().to_string())
            ))
        })?,
    };
    let missing: Vec<&str> = function
        .env
        .iter()
        .filter(|name| !args.function.env.iter().any(|arg| arg.split('=').next() == Some(name)))
        .map(String::as_str)
        .collect();
    if !missing.is_empty() {
        to_stderr(&format!(
            "evfuzz: note: these findings were made with --env {}; pass it again if the function needs it\n",
            printable(&missing.join(" --env "))
        ));
    }
    let longest = findings.iter().map(|finding| finding.timeout_ms).max().unwrap_or(0);
    let given = args.function.clone();
    let function_args = FunctionArgs {
        // A function given by hand may be another version with another file layout.
        handler: given.handler.or_else(|| args.function_path.is_none().then(|| function.handler.clone())),
        timeout: given.timeout.or((longest > 0).then(|| Duration::from_millis(longest))),
        ..given
    };
    function::open(&path, &function_args, function::wish(&args.isolation), None)
}

fn locate(function: &FunctionRef, findings: &[StoredFinding]) -> Option<PathBuf> {
    if function.path.exists() {
        return Some(function.path.clone());
    }
    let folder = std::fs::canonicalize(&findings.first()?.folder).ok()?;
    folder.ancestors().map(|above: &Path| above.join(&function.path)).find(|path| path.exists())
}

fn tell(format: Format, stored: &StoredFinding, report: &ReplayReport) {
    match format {
        Format::Json => JsonLines.replayed(stored, report),
        Format::Text => to_stdout(&format!(
            "{:<14} {}  {} ({}/{}){}\n",
            report.verdict.label(),
            printable(&report.fingerprint.0),
            clipped(&printable(&stored.finding.title), 70),
            report.shown,
            report.of,
            match stored.finding.grade {
                Grade::Reachable | Grade::Genuine => "",
                Grade::Forged => ", on a forged event",
            },
        )),
    }
}

fn tell_skipped(format: Format, entry: &Skipped) {
    let path = printable(&entry.path.display().to_string());
    let reason = printable(&entry.reason);
    match format {
        Format::Json => JsonLines.skipped(&path, &reason),
        Format::Text => to_stderr(&format!("evfuzz: skipped {path}: {reason}\n")),
    }
}
