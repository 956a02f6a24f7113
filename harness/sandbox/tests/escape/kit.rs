//! The hostile programs ready to run: sources copied, C compiled, interpreters found.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    process::Command,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::cell::is_root;

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/escape/programs");
/// Belongs to root and carries the setuid bit, where root has made the kit.
pub(crate) const SETUID: &str = "setuid_payload.c";
/// Readable for root only.
pub(crate) const ROOT_SECRET: &str = "root-secret";

/// A directory with all programs.
pub(crate) struct Kit {
    dir: PathBuf,
}

/// How to start one program: the program, its first arguments, and what it must be able to read.
pub(crate) struct Start {
    pub(crate) exe: PathBuf,
    pub(crate) args: Vec<String>,
    pub(crate) read: Vec<PathBuf>,
}

/// The keeper's binary. A copy of the tests that another user can read brings its own along.
pub(crate) fn keeper() -> PathBuf {
    std::env::var_os("EVFUZZ_TEST_KEEPER")
        .map_or_else(|| env!("CARGO_BIN_EXE_evfuzz-keeper").into(), PathBuf::from)
}

impl Kit {
    /// A kit that somebody has made.
    pub(crate) fn at(dir: &Path) -> Kit {
        Kit { dir: dir.to_owned() }
    }

    /// The kit as it comes from the sources. C programs are compiled again only when they are older than their sources.
    pub(crate) fn built() -> &'static Kit {
        static BUILT: OnceLock<Kit> = OnceLock::new();
        BUILT.get_or_init(|| {
            let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("escape-programs");
            fs::create_dir_all(&dir).unwrap();
            let sources: Vec<PathBuf> = entries(Path::new(SOURCES));
            let newest_header =
                sources.iter().filter(|it| has_extension(it, "h")).map(modified).max().unwrap();
            let next = AtomicUsize::new(0);
            std::thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| {
                        while let Some(source) = sources.get(next.fetch_add(1, Ordering::Relaxed)) {
                            provide(source, &dir, newest_header);
                        }
                    });
                }
            });
            Kit { dir }
        })
    }

    /// Copies all, and gives the copy to `owner`.
    pub(crate) fn copy_to(&self, to: &Path, owner: Option<u32>) {
        fs::create_dir(to).unwrap();
        for from in entries(&self.dir) {
            fs::copy(&from, to.join(from.file_name().unwrap())).unwrap();
        }
        fs::write(to.join("shared.txt"), "shared\n").unwrap();
        if let Some(owner) = owner {
            for path in entries(to).iter().map(PathBuf::as_path).chain([to]) {
                chown(path, Some(owner), Some(owner)).unwrap();
            }
        }
        if is_root() {
            let (program, secret) = (to.join(SETUID), to.join(ROOT_SECRET));
            chown(&program, Some(0), Some(0)).unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o4755)).unwrap();
            fs::write(&secret, format!("{}\n", crate::bait::token("root-only"))).unwrap();
            fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// How to start `file`, or why that is impossible here.
    pub(crate) fn start(&self, file: &str) -> Result<Start, String> {
        let path = self.dir.join(file);
        let script = path.to_str().unwrap().to_owned();
        let interpreted = |found: &Interpreter| match found {
            Ok((exe, read)) => Ok(Start { exe: exe.clone(), args: vec![script.clone()], read: read.clone() }),
            Err(why) => Err(why.clone()),
        };
        match file.rsplit('.').next().unwrap() {
            "c" => Ok(Start { exe: path, args: Vec::new(), read: Vec::new() }),
            "sh" => Ok(Start { exe: "/bin/sh".into(), args: vec![script], read: Vec::new() }),
            "py" => interpreted(&python()),
            "js" => interpreted(&node()),
            other => panic!("{other}: no such kind of program"),
        }
    }
}

/// A program and what it must be able to read, or why there is none.
pub(crate) type Interpreter = Result<(PathBuf, Vec<PathBuf>), String>;

pub(crate) fn python() -> Interpreter {
    static PYTHON: OnceLock<Interpreter> = OnceLock::new();
    let question = ["-c", "import sys; print(sys.executable, sys.base_prefix)"];
    PYTHON.get_or_init(|| interpreter("python3", &question)).clone()
}

pub(crate) fn node() -> Interpreter {
    static NODE: OnceLock<Interpreter> = OnceLock::new();
    let prefix = "require('path').resolve(process.execPath, '../..')";
    NODE.get_or_init(|| interpreter("node", &["-p", &format!("process.execPath + ' ' + {prefix}")])).clone()
}

/// The interpreter of the system, since every user can read it; else the one in the search path, asked where it really is.
fn interpreter(name: &str, question: &[&str]) -> Interpreter {
    let system = Path::new("/usr/bin").join(name);
    if system.exists() {
        return Ok((system, Vec::new()));
    }
    let output = Command::new(name).args(question).output().map_err(|err| format!("{name}: {err}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    match text.trim().split_once(' ') {
        Some((exe, prefix)) => Ok((exe.into(), vec![prefix.into()])),
        None => Err(format!("{name} does not run here")),
    }
}

/// Copies or compiles one source. Under a name of its own first: another test run may be doing the same.
fn provide(source: &Path, dir: &Path, newest_header: std::time::SystemTime) {
    let target = dir.join(source.file_name().unwrap());
    let fresh = |it: std::time::SystemTime| it > modified(source) && it > newest_header;
    if target.exists() && fresh(modified(&target)) {
        return;
    }
    let unfinished = dir.join(format!(".{}-{}", source.file_name().unwrap().display(), std::process::id()));
    if has_extension(source, "c") {
        let output = Command::new("cc")
            .args(["-O1", "-w", "-pthread", "-o"])
            .args([&unfinished, source])
            .output()
            .expect("cc, which Rust needs as a linker");
        assert!(output.status.success(), "{source:?}: {}", String::from_utf8_lossy(&output.stderr));
    } else {
        fs::copy(source, &unfinished).unwrap();
    }
    fs::set_permissions(&unfinished, fs::Permissions::from_mode(0o755)).unwrap();
    fs::rename(&unfinished, &target).unwrap();
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|it| it.unwrap().path()).collect();
    found.retain(|it| !it.file_name().unwrap().to_str().unwrap().starts_with('.'));
    found.sort();
    found
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|it| it == extension)
}

fn modified(path: impl AsRef<Path>) -> std::time::SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}
