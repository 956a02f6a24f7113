//! Running the built binary on copies of targets, and reading what it says.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// Whether the full numbers are wanted.
pub(crate) fn full() -> bool {
    std::env::var_os("EVFUZZ_FULL").is_some_and(|value| value == "1")
}

/// The repository.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).expect("harness/cli lies two levels below the root").to_owned()
}

/// Whether this is CI, where nothing may be missing.
pub(crate) fn on_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true")
}

/// Says why a test does not run. On CI it fails.
#[track_caller]
pub(crate) fn skipped(reason: &str) {
    assert!(!on_ci(), "missing on CI: {reason}");
    eprintln!("skipped: {reason}");
}

/// A runtime that a target needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    Node,
    Python,
    /// A JDK and Maven.
    Java,
    Cargo,
}

impl Needs {
    fn of(target: &str) -> Needs {
        match target.split('-').next() {
            Some("node") => Needs::Node,
            Some("python") => Needs::Python,
            _ => Needs::Cargo,
        }
    }

    fn is_there(self) -> bool {
        let programs: &[&str] = match self {
            Needs::Node => &["node"],
            Needs::Python => &["python3"],
            Needs::Java => &["javac", "mvn"],
            Needs::Cargo => &[],
        };
        programs.iter().all(|program| {
            let mut probe = Command::new(program);
            probe.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
            probe.status().is_ok_and(|status| status.success())
        })
    }
}

/// Whether `needs` is missing; says so. On CI it must not be.
pub(crate) fn is_missing(needs: Needs) -> bool {
    if needs.is_there() {
        return false;
    }
    skipped(&format!("{needs:?} is not installed"));
    true
}

/// Whether the runtime of `target` is missing.
pub(crate) fn cannot_run(target: &str) -> bool {
    is_missing(Needs::of(target))
}

/// A folder for one test, with a copy of a target in it.
pub(crate) struct Copied {
    folder: tempfile::TempDir,
    pub(crate) function: PathBuf,
}

impl Copied {
    /// Copies `target` without its `target.toml`, so that nothing can be learnt from there.
    pub(crate) fn target(target: &str) -> Copied {
        let folder = tempfile::tempdir().unwrap();
        let function = folder.path().join("function");
        let source = root().join("targets").join(target);
        if Needs::of(target) == Needs::Cargo {
            std::fs::create_dir(&function).unwrap();
            std::fs::copy(native_binary(target), function.join("bootstrap")).unwrap();
        } else {
            copy_dir(&source, &function);
        }
        Copied { folder, function }
    }

    /// A function made of one file.
    pub(crate) fn file(name: &str, text: &str) -> Copied {
        let folder = tempfile::tempdir().unwrap();
        let function = folder.path().join("function");
        std::fs::create_dir(&function).unwrap();
        std::fs::write(function.join(name), text).unwrap();
        Copied { folder, function }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn corpus(&self) -> PathBuf {
        self.folder.path().join("corpus")
    }
}

/// Copies a folder, but for `target.toml`.
pub(crate) fn copy_dir(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if name == "target.toml" {
            continue;
        }
        if entry.path().is_dir() {
            copy_dir(&entry.path(), &to.join(name));
        } else {
            let copy = to.join(name);
            std::fs::copy(entry.path(), &copy).unwrap();
            // Python compiles what is newer than it was.
            let time = entry.metadata().unwrap().modified().unwrap();
            std::fs::File::options().append(true).open(copy).unwrap().set_modified(time).unwrap();
        }
    }
}

/// The built bootstrap of a native target.
pub(crate) fn native_binary(package: &str) -> PathBuf {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let status = Command::new(env!("CARGO"))
            .args([
                "build",
                "--quiet",
                "--offline",
                "-p",
                "native-os-command",
                "-p",
                "native-os-command-fixed",
            ])
            .current_dir(root())
            .status()
            .unwrap();
        assert!(status.success(), "cargo build of the native targets");
    });
    let evfuzz = Path::new(env!("CARGO_BIN_EXE_evfuzz"));
    // target/<profile>/evfuzz: the plain `cargo build` above uses the profile `debug`.
    let target_dir = evfuzz.ancestors().nth(2).expect("target/<profile>/evfuzz");
    target_dir.join("debug").join(package)
}

/// The built binary, to be started in `folder`.
pub(crate) fn evfuzz(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_evfuzz"));
    command.current_dir(folder).stdin(Stdio::null());
    command
}

/// What a command with `--format json` said.
pub(crate) struct Said {
    pub(crate) lines: Vec<Value>,
    pub(crate) code: Option<i32>,
    pub(crate) stderr: String,
}

impl Said {
    pub(crate) fn of(output: &Output) -> Said {
        let stdout = String::from_utf8_lossy(&output.stdout);
        let lines = stdout.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        Said { lines, code: output.status.code(), stderr }
    }

    pub(crate) fn all(&self, kind: &str) -> Vec<&Value> {
        self.lines.iter().filter(|line| line["type"] == kind).collect()
    }

    pub(crate) fn summary(&self) -> &Value {
        self.lines
            .last()
            .filter(|line| line["type"] == "summary")
            .unwrap_or_else(|| panic!("no summary; exit code {:?}; stderr:\n{}", self.code, self.stderr))
    }

    /// The first confirmation of `oracle` at `point`.
    pub(crate) fn confirmed(&self, oracle: &str, point: Option<&str>) -> Option<&Value> {
        self.first("confirmed", oracle, point)
    }

    /// The first shrunk finding of `oracle` at `point`.
    pub(crate) fn shrunk(&self, oracle: &str, point: Option<&str>) -> Option<&Value> {
        self.first("finding", oracle, point)
    }

    fn first(&self, kind: &str, oracle: &str, point: Option<&str>) -> Option<&Value> {
        self.all(kind)
            .into_iter()
            .find(|line| line["oracle"] == oracle && point.is_none_or(|point| line["point"] == point))
    }
}

/// Runs `evfuzz run` with one worker on a copied function.
pub(crate) fn run(copied: &Copied, args: &[&str]) -> Said {
    let output = evfuzz(copied.path())
        .arg("run")
        .arg(&copied.function)
        .args(["--workers", "1", "--format", "json", "--corpus"])
        .arg(copied.corpus())
        .args(args)
        .output()
        .unwrap();
    Said::of(&output)
}
