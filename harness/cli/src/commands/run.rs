//! `evfuzz run`: fuzz one function.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use evfuzz_engine::{
    Budget, Corpus, EngineError, FunctionRef, Robustness, RunConfig, RunEvent, Stop, Summary, function_slug,
};
use evfuzz_generators::case::Seed;
use evfuzz_generators::grade::Grade;
use evfuzz_generators::source::EventSource;
use serde_json::{Value, json};

use super::function::{self, Opened};
use super::given;
use crate::args::{Format, RunArgs};
use crate::exit::{Exit, Failure};
use crate::report::Report;
use crate::report::escape::printable;
use crate::report::json_lines::JsonLines;
use crate::report::text::{TextReport, Verbosity, counted, short, to_stderr};
use crate::settings::Settings;
use crate::signals;

/// Long enough for every payload in every leaf of a small function, short enough to wait for.
const DEFAULT_TIME: Duration = Duration::from_secs(30);

pub(super) fn run(args: &RunArgs) -> Result<Exit, Failure> {
    let stop = Arc::new(Stop::default());
    signals::listen(&stop)
        .map_err(|error| Failure::environment(format!("cannot listen for Ctrl-C: {error}")))?;
    let events = events(args)?;
    let Settings { dictionary, values, suppressions } = Settings::read(&args.target.path, &args.dict)?;
    let kept = args.keep_sandbox.then(kept_folder).transpose()?;
    let Opened { session, function } = function::open_target(&args.target, kept.as_deref())?;
    let corpus = open_corpus(args.corpus.as_deref(), &function)?;
    let rng_seed = args.rng_seed.unwrap_or_else(any_seed);
    let config = RunConfig {
        budget: Budget {
            time: args.time.or(if args.invocations.is_none() { Some(DEFAULT_TIME) } else { None }),
            invocations: args.invocations,
        },
        rng_seed,
        workers: args.workers.map_or_else(cores, usize::from),
        sources: args.source.iter().filter_map(|id| EventSource::from_id(id)).collect(),
        events,
        robustness: if args.robustness || args.show_forged {
            Robustness::Forged
        } else {
            Robustness::Genuine
        },
        dictionary,
        values,
        suppressions,
        function,
        corpus,
    };
    let mut report: Box<dyn Report> = match args.format {
        Format::Text => {
            let mut text = TextReport::new(if args.quiet { Verbosity::Quiet } else { Verbosity::Normal });
            text.note(&header(&session, &config));
            Box::new(text)
        }
        Format::Json => {
            JsonLines.started(started(&session, &config));
            Box::new(JsonLines)
        }
    };
    let forged = if args.show_forged { Forged::Shown } else { Forged::Hidden };
    let (mut summary, error) = run_reported(&session, &config, &stop, report.as_mut(), forged);
    if forged == Forged::Shown {
        summary.findings.append(&mut summary.forged);
    }
    // Before it is told what there is: a function may still be writing.
    drop(session);
    if let Some(kept) = kept {
        tell_kept(&kept, &args.target.path);
    }
    match error {
        // Nothing was learnt: the reason is all there is to tell.
        Some(error) if summary.findings.is_empty() && !summary.interrupted => Err(error.into()),
        Some(error) => {
            report.summary(&summary);
            let failure = Failure::from(error);
            to_stderr(&format!("evfuzz: the run ended early: {}\n", failure.message));
            Ok(exit(&summary))
        }
        None => {
            report.summary(&summary);
            Ok(exit(&summary))
        }
    }
}

/// A folder for what functions leave behind. The function's user, who may be another one, must get to its part of it.
fn kept_folder() -> Result<PathBuf, Failure> {
    use std::os::unix::fs::PermissionsExt as _;
    let make = || {
        let folder = tempfile::Builder::new().prefix("evfuzz-kept-").tempdir()?.keep();
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o711))?;
        Ok(folder)
    };
    make().map_err(|error: std::io::Error| {
        Failure::environment(format!("cannot make a folder to keep: {error}"))
    })
}

/// Forgets folders in which nothing was left, and says where the others are.
fn tell_kept(kept: &Path, function: &Path) {
    let entries = std::fs::read_dir(kept).into_iter().flatten().flatten();
    // Only empty ones can be removed like this.
    let mut left: Vec<PathBuf> =
        entries.map(|it| it.path()).filter(|it| std::fs::remove_dir(it).is_err()).collect();
    left.sort();
    let Some(first) = left.first() else {
        let _ = std::fs::remove_dir(kept);
        to_stderr("evfuzz: the function left nothing in its /tmp\n");
        return;
    };
    to_stderr(&format!(
        "evfuzz: kept {} of {} in {}\n  look around: evfuzz shell {} --scratch {}\n",
        if left.len() == 1 { "the /tmp" } else { "the /tmp folders" },
        counted(left.len() as u64, "process"),
        kept.display(),
        printable(&function.display().to_string()),
        first.display()
    ));
}

/// What is done with findings on events that no sender can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Forged {
    /// They are counted at the end, apart.
    Hidden,
    /// They are findings like others.
    Shown,
}

/// Whether the event tells of a finding that is stored apart.
fn is_forged(event: &RunEvent) -> bool {
    match event {
        RunEvent::FindingConfirmed { finding, .. } | RunEvent::FindingShrunk { finding, .. } => {
            finding.grade == Grade::Forged
        }
        _ => false,
    }
}

/// Runs the engine in its own threads and reports in this one.
fn run_reported(
    session: &evfuzz_engine::Session,
    config: &RunConfig,
    stop: &Stop,
    report: &mut dyn Report,
    forged: Forged,
) -> (Summary, Option<EngineError>) {
    let (sender, receiver) = channel::<RunEvent>();
    std::thread::scope(|scope| {
        let engine = scope.spawn(move || {
            // The reporter lives until the engine is done, so nobody misses an event.
            let emit = move |event| drop(sender.send(event));
            evfuzz_engine::run(session, config, stop, &emit)
        });
        loop {
            match receiver.recv_timeout(Duration::from_millis(500)) {
                Ok(event) if forged == Forged::Hidden && is_forged(&event) => {}
                Ok(event) => report.event(event),
                Err(RecvTimeoutError::Timeout) => report.tick(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        engine.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn exit(summary: &Summary) -> Exit {
    if summary.interrupted {
        Exit::Interrupted
    } else if summary.not_stored > 0 {
        Exit::Environment
    } else if !summary.findings.is_empty() {
        Exit::Findings
    } else if summary.always_fails.is_some() || summary.short_lived.is_some() {
        Exit::Function
    } else if summary.counts.invocations == 0 || summary.nothing_was_fuzzed() {
        Exit::Environment
    } else {
        Exit::Clean
    }
}

/// `--event` files, else `events/*.json` beside the function.
fn events(args: &RunArgs) -> Result<Vec<Seed>, Failure> {
    let mut files = args.event.clone();
    if files.is_empty() {
        let path = &args.target.path;
        let beside = if path.is_dir() { path.clone() } else { parent(path) }.join("events");
        if let Ok(entries) = std::fs::read_dir(beside) {
            files.extend(
                entries
                    .flatten()
                    .map(|entry| entry.path())
                    .filter(|path| path.extension().is_some_and(|extension| extension == "json")),
            );
        }
        files.sort();
    }
    let given = !args.event.is_empty();
    let mut seeds = Vec::new();
    for file in &files {
        match given::seeds(file) {
            Ok(found) => seeds.extend(found),
            Err(failure) if given => return Err(failure),
            // Nobody asked for this file by name.
            Err(failure) => to_stderr(&format!("evfuzz: skipped: {}\n", failure.message)),
        }
    }
    Ok(seeds)
}

fn parent(path: &Path) -> PathBuf {
    path.parent().map_or_else(PathBuf::new, Path::to_owned)
}

fn open_corpus(folder: Option<&Path>, function: &FunctionRef) -> Result<Corpus, Failure> {
    let folder = match folder {
        Some(folder) => folder.to_owned(),
        None => {
            let root = Path::new("corpora");
            root.join(function_slug(root, function))
        }
    };
    Corpus::open(&folder, function).map_err(|error| {
        let mut failure = Failure::from(evfuzz_engine::EngineError::Corpus(error));
        failure
            .message
            .push_str("\n  findings could not be stored there; name another folder with --corpus DIR");
        failure
    })
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Another number each time; printed, so that the run can be repeated.
fn any_seed() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    (now.as_nanos() as u64 ^ u64::from(std::process::id()) << 20) % 1_000_000_000
}

fn header(session: &evfuzz_engine::Session, config: &RunConfig) -> String {
    let budget = match (config.budget.time, config.budget.invocations) {
        (Some(time), Some(invocations)) => format!("{} or {}", short(time), counted(invocations, "event")),
        (Some(time), None) => short(time),
        (None, Some(invocations)) => counted(invocations, "event"),
        (None, None) => "no limit".to_owned(),
    };
    format!(
        "fuzzing {} ({}, {}) with {}, rng seed {}, for {budget}\n{}isolation: {}{}",
        printable(&config.function.name),
        config.function.runtime,
        printable(&config.function.handler),
        counted(config.workers as u64, "worker"),
        config.rng_seed,
        match config.robustness {
            Robustness::Genuine => "",
            Robustness::Forged => "robustness: also with events that no sender can make\n",
        },
        session.isolation(),
        if session.isolation().barriers.has_own_files() {
            ""
        } else {
            "\n  without namespaces /tmp is closed to the function: TMPDIR names the folder that it may write to"
        }
    )
}

fn started(session: &evfuzz_engine::Session, config: &RunConfig) -> Value {
    json!({
        "function": config.function,
        "workers": config.workers,
        "rng_seed": config.rng_seed,
        "isolation": session.isolation().to_string(),
        "corpus": config.corpus.folder().display().to_string(),
    })
}
