//! Writing findings so that they are complete or absent; reading what is readable.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::format::{FORMAT, FUNCTION_FILE, FindingFile, FunctionFile, FunctionRef, StoredFinding};
use evfuzz_generators::grade::Grade;

use super::{Corpus, CorpusError, Skipped, readme};
use crate::finding::{Finding, Fingerprint};

const FINDINGS: &str = "findings";
const FORGED: &str = "findings-forged";

/// Beyond that nothing is read: an event has at most 6 MB.
const LARGEST_FILE: u64 = 64 << 20;

/// Unfinished folders and files begin with this and end with the process that is at it.
const UNFINISHED: &str = ".evfuzz-tmp-";

/// What we write into the folder of a finding. Everything else there is somebody else's.
const OURS: [&str; 5] = ["before.json", "event.json", "core.json", "README.md", "finding.json"];

impl Corpus {
    pub(super) fn prepare(&self, function: &FunctionRef) -> Result<(), CorpusError> {
        let findings = self.folder.join(FINDINGS);
        let write = |path: &Path| {
            let path = path.to_owned();
            move |source| CorpusError::Write { path, source }
        };
        fs::create_dir_all(&findings).map_err(write(&findings))?;
        remove_left_overs(&self.folder);
        remove_left_overs(&findings);
        remove_left_overs(&self.folder.join(FORGED));
        let file = FunctionFile { format: FORMAT, function: function.clone() };
        let path = self.folder.join(FUNCTION_FILE);
        let text = pretty(&file);
        match fs::read(&path) {
            Ok(old) if old == text => return Ok(()),
            // Other tools use this name as well.
            Ok(old) if serde_json::from_slice::<FunctionFile>(&old).is_err() => {
                return Err(CorpusError::Foreign { path });
            }
            Ok(_) | Err(_) => {}
        }
        let temporary = self.folder.join(temporary_name(FUNCTION_FILE));
        write_file(&temporary, &text)
            .and_then(|()| fs::rename(&temporary, &path))
            // Best effort: what could not be completed must not stay.
            .inspect_err(|_| drop(fs::remove_file(&temporary)))
            .map_err(write(&path))
    }

    /// Whether a finding with this identity is stored, on an event as good or better.
    pub(crate) fn holds(&self, fingerprint: &Fingerprint, grade: Grade) -> bool {
        let holds = |grade| self.finding_folder(fingerprint, grade).join("finding.json").is_file();
        holds(Grade::Reachable) || holds(grade)
    }

    fn finding_folder(&self, fingerprint: &Fingerprint, grade: Grade) -> PathBuf {
        let list = match grade {
            Grade::Reachable | Grade::Genuine => FINDINGS,
            Grade::Forged => FORGED,
        };
        self.folder.join(list).join(&fingerprint.0)
    }

    /// Stores a finding, replacing one of the same identity. Returns its folder.
    ///
    /// A forged event never takes the place of one that AWS delivers.
    pub(crate) fn store(
        &self,
        finding: &Finding,
        function: &FunctionRef,
        rng_seed: u64,
        timeout_ms: u64,
    ) -> Result<PathBuf, CorpusError> {
        let folder = self.finding_folder(&finding.fingerprint, finding.grade);
        let best = self.finding_folder(&finding.fingerprint, Grade::Reachable);
        if folder != best && best.join("finding.json").is_file() {
            return Ok(best);
        }
        let forged = self.finding_folder(&finding.fingerprint, Grade::Forged);
        let file = FindingFile {
            format: FORMAT,
            evfuzz: env!("CARGO_PKG_VERSION").to_owned(),
            function: function.clone(),
            rng_seed,
            timeout_ms,
            finding: finding.clone(),
        };
        let temporary = folder.with_file_name(temporary_name(&finding.fingerprint.0));
        let stored =
            write_folder(&temporary, &file, &folder).and_then(|()| replace(&temporary, &folder)).and_then(
                |()| if folder == best && forged.is_dir() { clear_old(&forged, &folder) } else { Ok(()) },
            );
        stored.map_err(|source| {
            // Best effort: what could not be completed must not stay.
            let _ = fs::remove_dir_all(&temporary);
            CorpusError::Write { path: folder.clone(), source }
        })?;
        Ok(folder)
    }
}

fn write_folder(temporary: &Path, file: &FindingFile, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(temporary)?;
    let case = &file.finding.case;
    write_file(&temporary.join("event.json"), &case.render().bytes)?;
    if let Some(before) = &file.finding.before {
        write_file(&temporary.join("before.json"), &before.render().bytes)?;
    }
    let core = file.finding.core.clone().unwrap_or_else(|| case.render().event);
    write_file(&temporary.join("core.json"), &pretty(&core))?;
    write_file(&temporary.join("README.md"), readme::text(&file.finding, folder).as_bytes())?;
    write_file(&temporary.join("finding.json"), &pretty(file))?;
    File::open(temporary)?.sync_all()
}

fn write_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Moves the new folder to its place in one step, also where an old one stands.
fn replace(temporary: &Path, folder: &Path) -> io::Result<()> {
    match fs::rename(temporary, folder) {
        Ok(()) => return Ok(()),
        Err(error) if folder.is_dir() => drop(error),
        Err(error) => return Err(error),
    }
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, temporary, CWD, folder, RenameFlags::EXCHANGE) {
        Ok(()) => clear_old(temporary, folder),
        // File systems without an atomic exchange: a moment without the folder is the best left.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {
            let aside = temporary.with_extension("old");
            fs::rename(folder, &aside)?;
            fs::rename(temporary, folder)?;
            clear_old(&aside, folder)
        }
        Err(error) => Err(error.into()),
    }
}

/// Removes our files of the old folder; what somebody else put there moves to the new one.
fn clear_old(old: &Path, folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(old)? {
        let entry = entry?;
        let name = entry.file_name();
        if OURS.iter().any(|ours| name == *ours) {
            fs::remove_file(entry.path())?;
        } else {
            fs::rename(entry.path(), folder.join(name))?;
        }
    }
    fs::remove_dir(old)
}

fn temporary_name(name: &str) -> String {
    format!("{UNFINISHED}{name}.{}", std::process::id())
}

/// Removes unfinished folders and files of runs that were killed.
fn remove_left_overs(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some((_, pid)) =
            name.to_str().filter(|name| name.starts_with(UNFINISHED)).and_then(|name| name.rsplit_once('.'))
        else {
            continue;
        };
        let ours = pid.parse::<u32>().is_ok();
        if ours && !Path::new("/proc").join(pid).exists() {
            // Best effort: it is ignored by every reader anyway.
            let _ = fs::remove_file(entry.path()).or_else(|_| fs::remove_dir_all(entry.path()));
        }
    }
}

fn pretty<T: serde::Serialize>(value: &T) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(value).expect("our own types have string keys only");
    text.push(b'\n');
    text
}

pub(super) fn load(path: &Path) -> Result<(Vec<StoredFinding>, Vec<Skipped>), CorpusError> {
    let mut found = Vec::new();
    let mut skipped = Vec::new();
    let start = if path.is_file() { folder_of(path)? } else { path };
    // corpora / function / findings / fingerprint: four levels at most.
    collect(start, 4, &mut found, &mut skipped)
        .map_err(|source| CorpusError::Read { path: path.to_owned(), source })?;
    if found.is_empty() && skipped.is_empty() {
        return Err(CorpusError::Empty { path: path.to_owned() });
    }
    Ok((found, skipped))
}

/// The folder of the finding or corpus that `file` is a part of.
fn folder_of(file: &Path) -> Result<&Path, CorpusError> {
    // A bare name has a parent without a name.
    let folder = file.parent().filter(|it| *it != Path::new("")).unwrap_or(Path::new("."));
    let is_function = file.file_name().is_some_and(|name| name == FUNCTION_FILE);
    if folder.join("finding.json").exists() || is_function || is_among_findings(folder) {
        Ok(folder)
    } else {
        Err(CorpusError::NoFinding { path: file.to_owned() })
    }
}

fn is_among_findings(folder: &Path) -> bool {
    folder.parent().and_then(Path::file_name).is_some_and(|name| name == FINDINGS || name == FORGED)
}

fn collect(
    folder: &Path,
    depth: u32,
    found: &mut Vec<StoredFinding>,
    skipped: &mut Vec<Skipped>,
) -> io::Result<()> {
    if folder.join("finding.json").exists() {
        match load_one(folder) {
            Ok(finding) => found.push(finding),
            Err(reason) => skipped.push(Skipped { path: folder.to_owned(), reason }),
        }
        return Ok(());
    }
    if is_among_findings(folder) {
        let reason = "finding.json is missing".to_owned();
        skipped.push(Skipped { path: folder.to_owned(), reason });
        return Ok(());
    }
    if depth == 0 {
        return Ok(());
    }
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?;
    entries.sort();
    for entry in entries {
        let hidden = entry.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if hidden || !entry.is_dir() {
            continue;
        }
        if let Err(error) = collect(&entry, depth - 1, found, skipped) {
            skipped.push(Skipped { path: entry, reason: error.to_string() });
        }
    }
    Ok(())
}

/// `command-execution-3f9c2a1b`: fingerprints are printed and name folders.
fn is_fingerprint(fingerprint: &Fingerprint, oracle: &str) -> bool {
    let digits = fingerprint.0.strip_prefix(oracle).and_then(|rest| rest.strip_prefix('-'));
    digits.is_some_and(|digits| digits.len() == 8 && digits.bytes().all(|it| it.is_ascii_hexdigit()))
}

/// Reads a file of a corpus. It may come from anybody: no pipes, no devices, no gigabytes.
fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() || metadata.len() > LARGEST_FILE {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file of a finding"));
    }
    fs::read(path)
}

fn load_one(folder: &Path) -> Result<StoredFinding, String> {
    let read = |name: &str| read_regular(&folder.join(name)).map_err(|error| format!("{name}: {error}"));
    let text = read("finding.json")?;
    let version: serde_json::Value =
        serde_json::from_slice(&text).map_err(|error| format!("finding.json: {error}"))?;
    if version["format"] != FORMAT {
        return Err(format!(
            "finding.json: format {} is not known to this version (it knows {FORMAT})",
            version["format"]
        ));
    }
    let file: FindingFile =
        serde_json::from_slice(&text).map_err(|error| format!("finding.json: {error}"))?;
    let event = read("event.json")?;
    serde_json::from_slice::<serde::de::IgnoredAny>(&event)
        .map_err(|error| format!("event.json: {error}"))?;
    // A payload or an edit that this version does not know would be left out, and a replay without it
    // would call the finding fixed.
    let rendered = file.finding.case.render();
    if rendered.planted.len() != file.finding.case.nonces().len() {
        return Err("finding.json: its payload cannot be rebuilt by this version".to_owned());
    }
    if !is_fingerprint(&file.finding.fingerprint, file.finding.oracle.id()) {
        return Err("finding.json: its fingerprint has not the form ORACLE-01234567".to_owned());
    }
    Ok(StoredFinding {
        folder: folder.to_owned(),
        function: file.function,
        timeout_ms: file.timeout_ms,
        finding: file.finding,
        event,
    })
}
