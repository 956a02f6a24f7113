//! Finding real interpreters.
//!
//! What is called `python3` or `node` is often a version manager's shim: a script that starts
//! dozens of shells. Under a watcher for new processes that is noise, and it costs more than a
//! hundred milliseconds for each start. So an interpreter is asked once, at the beginning, where
//! it really lives, and from then on started by that path.

use std::{
    ffi::{OsStr, OsString},
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    RuntimeError, Version,
    find::{Surroundings, is_executable, parent},
    typescript::{Source, TypeStripping},
};

/// A shim under load takes a second; anything much longer waits for something.
const PATIENCE: Duration = Duration::from_secs(20);

/// Oldest versions that our clients are written for.
const OLDEST_PYTHON: Version = Version { major: 3, minor: 6, patch: 0 };
const OLDEST_NODE: Version = Version { major: 14, minor: 0, patch: 0 };
/// Oldest versions that official clients are written for.
const OLDEST_JAVA: Version = Version { major: 8, minor: 0, patch: 0 };
const OLDEST_RUBY: Version = Version { major: 3, minor: 0, patch: 0 };

/// What is looked for, and where.
pub(crate) struct Search<'a> {
    pub(crate) path_env: &'a OsStr,
    /// The function's folder: virtual environments and `.python-version` live beside the code.
    pub(crate) root: &'a Path,
    /// Major version for Node, minor version for Python.
    pub(crate) version: Option<u32>,
    pub(crate) source: Source,
    pub(crate) surroundings: &'a Surroundings,
}

/// An interpreter that works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Interpreter {
    pub(crate) program: PathBuf,
    pub(crate) version: Version,
    pub(crate) type_stripping: TypeStripping,
    pub(crate) read: Vec<PathBuf>,
}

/// Finds a Python interpreter: the function's own virtual environment, `VIRTUAL_ENV`, `PATH`,
/// then installations of version managers.
pub(crate) fn python(search: &Search<'_>) -> Result<Interpreter, RuntimeError> {
    let mut programs: Vec<PathBuf> = Vec::new();
    let beside = [".venv", "venv"].map(|name| search.root.join(name));
    for venv in beside.iter().chain(search.surroundings.virtual_env.as_ref()) {
        if venv.join("pyvenv.cfg").is_file() {
            programs.push(venv.join("bin/python"));
        }
    }
    let wanted = match search.version {
        Some(minor) => format!("python3.{minor}"),
        None => "python3".to_owned(),
    };
    programs.extend(in_path(search.path_env, &wanted));
    if search.version.is_some() {
        // A plain `python3` may well be the version that is asked for.
        programs.extend(in_path(search.path_env, "python3"));
    } else {
        programs.extend(in_path(search.path_env, "python"));
    }
    let folders: &[(&str, &str)] = &[
        (".pyenv/versions", ""),
        (".local/share/uv/python", "cpython-"),
        (".asdf/installs/python", ""),
        (".local/share/mise/installs/python", ""),
    ];
    let prefix = search.version.map(|minor| format!("3.{minor}")).unwrap_or("3".to_owned());
    programs.extend(managed(search, folders, &prefix, "bin/python3"));

    let accept = |found: &Interpreter| {
        found.version.major == 3 && search.version.is_none_or(|minor| found.version.minor == minor)
    };
    let minimum = (OLDEST_PYTHON, "Python 3.6");
    first_that_works(search, &programs, ask_python, accept, minimum, &wanted, || {
        format!(
            "install {wanted} (pyenv install, uv python install or the system's packages), or pass another --runtime"
        )
    })
}

/// Finds a Node interpreter: `PATH`, then installations of version managers.
pub(crate) fn node(search: &Search<'_>) -> Result<Interpreter, RuntimeError> {
    let mut programs = in_path(search.path_env, "node");
    programs.extend(in_path(search.path_env, "nodejs"));
    let folders: &[(&str, &str)] = &[
        (".nvm/versions/node", "v"),
        (".volta/tools/image/node", ""),
        (".asdf/installs/nodejs", ""),
        (".local/share/mise/installs/node", ""),
        (".nodenv/versions", ""),
    ];
    let prefix = search.version.map(|major| major.to_string()).unwrap_or_default();
    programs.extend(managed(search, folders, &prefix, "bin/node"));
    let fnm: &[(&str, &str)] = &[(".local/share/fnm/node-versions", "v")];
    programs.extend(managed(search, fnm, &prefix, "installation/bin/node"));

    let wanted = match search.version {
        Some(major) => format!("node {major}"),
        None => "node".to_owned(),
    };
    let accept = |found: &Interpreter| {
        search.version.is_none_or(|major| found.version.major == major)
            && (search.source == Source::Plain || found.type_stripping != TypeStripping::Missing)
    };
    let minimum = (OLDEST_NODE, "Node 14");
    first_that_works(search, &programs, ask_node, accept, minimum, &wanted, || {
        format!("install {wanted} (nvm install, or the system's packages), or pass another --runtime")
    })
}

/// Finds a Java virtual machine: `JAVA_HOME`, `PATH`, then installations of version managers and of the system.
pub(crate) fn java(search: &Search<'_>) -> Result<Interpreter, RuntimeError> {
    let mut programs: Vec<PathBuf> = search
        .surroundings
        .java_home
        .iter()
        .map(|home| home.join("bin/java"))
        .filter(|it| is_executable(it))
        .collect();
    programs.extend(in_path(search.path_env, "java"));
    let prefix = search.version.map(|major| major.to_string()).unwrap_or_default();
    let folders: &[(&str, &str)] =
        &[(".sdkman/candidates/java", ""), (".local/share/mise/installs/java", ""), (".jenv/versions", "")];
    programs.extend(managed(search, folders, &prefix, "bin/java"));
    programs.extend(system_java());
    let wanted = match search.version {
        Some(major) => format!("java {major}"),
        None => "java".to_owned(),
    };
    let accept = |found: &Interpreter| search.version.is_none_or(|major| found.version.major == major);
    first_that_works(search, &programs, ask_java, accept, (OLDEST_JAVA, "Java 8"), &wanted, || {
        format!("install {wanted}, set JAVA_HOME, or pass another --runtime")
    })
}

/// Where packages of Linux distributions put virtual machines, several side by side.
fn system_java() -> Vec<PathBuf> {
    let entries = fs::read_dir("/usr/lib/jvm").into_iter().flatten().flatten();
    // Most of the names there are links to the others.
    let homes: std::collections::BTreeSet<PathBuf> =
        entries.filter_map(|entry| fs::canonicalize(entry.path()).ok()).collect();
    homes.into_iter().map(|home| home.join("bin/java")).filter(|it| is_executable(it)).collect()
}

/// Finds a Ruby interpreter, and where it has the gem of the official client.
pub(crate) fn ruby(search: &Search<'_>) -> Result<(Interpreter, Option<PathBuf>), RuntimeError> {
    let programs = in_path(search.path_env, "ruby");
    let wanted = match search.version {
        Some(minor) => format!("ruby 3.{minor}"),
        None => "ruby".to_owned(),
    };
    let accept = |found: &Interpreter| {
        found.version.major == 3 && search.version.is_none_or(|minor| found.version.minor == minor)
    };
    let found =
        first_that_works(search, &programs, ask_ruby, accept, (OLDEST_RUBY, "Ruby 3.0"), &wanted, || {
            format!("install {wanted}, or pass another --runtime")
        })?;
    let gem = ask(search, &found.program, &["-e", ASK_GEM], AnswersOn::Stdout)?;
    let gem = Some(gem.trim()).filter(|it| !it.is_empty()).map(PathBuf::from);
    Ok((found, gem))
}

/// Asks `programs` in turn until one works and is accepted.
fn first_that_works(
    search: &Search<'_>,
    programs: &[PathBuf],
    ask: fn(&Search<'_>, &Path) -> Result<Interpreter, RuntimeError>,
    accept: impl Fn(&Interpreter) -> bool,
    (oldest, minimum): (Version, &'static str),
    wanted: &str,
    fix: impl Fn() -> String,
) -> Result<Interpreter, RuntimeError> {
    let mut searched: Vec<String> = Vec::new();
    let mut broken = None;
    let mut too_old = None;
    for (idx, program) in programs.iter().enumerate() {
        if programs[..idx].contains(program) {
            continue;
        }
        match ask(search, program) {
            Ok(found) if !accept(&found) => {
                searched.push(format!("`{}` ({})", program.display(), found.version));
            }
            Ok(found) if found.version < oldest => {
                too_old.get_or_insert(RuntimeError::InterpreterTooOld {
                    program: program.clone(),
                    version: found.version.to_string(),
                    minimum,
                });
            }
            Ok(found) => return Ok(found),
            Err(error) => {
                searched.push(format!("`{}` (does not work)", program.display()));
                broken.get_or_insert(error);
            }
        }
    }
    if let Some(error) = too_old {
        return Err(error);
    }
    // A single broken program is the user's interpreter, not one of many places to look.
    if searched.len() == 1
        && let Some(error) = broken
    {
        return Err(error);
    }
    searched.push("the folders in PATH".to_owned());
    searched.push("version managers' folders in HOME".to_owned());
    Err(RuntimeError::InterpreterMissing { wanted: wanted.to_owned(), searched, fix: fix() })
}

/// Executables called `name` in the folders of `path_env`, first match first.
fn in_path(path_env: &OsStr, name: &str) -> Vec<PathBuf> {
    std::env::split_paths(path_env)
        .filter(|dir| dir.is_absolute())
        .map(|dir| dir.join(name))
        .filter(|path| is_executable(path))
        .collect()
}

/// Interpreters below version managers' folders whose version begins with `prefix`, newest first.
fn managed(search: &Search<'_>, folders: &[(&str, &str)], prefix: &str, program: &str) -> Vec<PathBuf> {
    let Some(home) = &search.surroundings.home else {
        return Vec::new();
    };
    let mut found: Vec<(Version, PathBuf)> = Vec::new();
    for (folder, before) in folders {
        let Ok(entries) = fs::read_dir(home.join(folder)) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(text) = name.strip_prefix(before) else {
                continue;
            };
            // `3.1` must not match 3.11.
            let rest = text.strip_prefix(prefix);
            let fits =
                rest.is_some_and(|it| prefix.is_empty() || !it.starts_with(|c: char| c.is_ascii_digit()));
            let path = entry.path().join(program);
            if let Ok(version) = text.parse::<Version>()
                && fits
                && is_executable(&path)
            {
                found.push((version, path));
            }
        }
    }
    found.sort_by(|left, right| right.cmp(left));
    found.into_iter().map(|(_, path)| path).collect()
}

#[derive(Deserialize)]
struct Answer {
    executable: PathBuf,
    version: Version,
    read: Vec<PathBuf>,
}

// `sys.executable` of a virtual environment is its link, which must be kept: the environment is
// recognised by it. Elsewhere links are resolved.
const ASK_PYTHON: &str = r"
import json, os, sys, sysconfig
executable = sys.executable
if sys.prefix == sys.base_prefix:
    executable = os.path.realpath(executable)
read = [sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.realpath(sys.executable)]
read += [sysconfig.get_path(name) for name in ('stdlib', 'platstdlib', 'purelib', 'platlib')]
read += [entry for entry in sys.path if entry]
print(json.dumps({'executable': executable, 'version': '%d.%d.%d' % sys.version_info[:3], 'read': read}))
";

fn ask_python(search: &Search<'_>, program: &Path) -> Result<Interpreter, RuntimeError> {
    let answer: Answer = ask_json(search, program, &["-I", "-c", ASK_PYTHON])?;
    let mut read = answer.read;
    // A link may lead through another folder to the real one.
    read.extend(fs::canonicalize(&answer.executable));
    Ok(Interpreter {
        program: answer.executable,
        version: answer.version,
        type_stripping: TypeStripping::Missing,
        read: existing(read),
    })
}

#[derive(Deserialize)]
struct NodeAnswer {
    executable: PathBuf,
    version: Version,
    /// Node can be built without what strips types.
    strips: bool,
}

const ASK_NODE: &str = "JSON.stringify({ executable: process.execPath, version: process.versions.node, \
    strips: process.config.variables.node_use_amaro !== false })";

fn ask_node(search: &Search<'_>, program: &Path) -> Result<Interpreter, RuntimeError> {
    let answer: NodeAnswer = ask_json(search, program, &["-p", ASK_NODE])?;
    let program = fs::canonicalize(&answer.executable).unwrap_or(answer.executable);
    let folder = parent(&program);
    // PREFIX/bin/node: npm's own modules are in PREFIX/lib.
    let read = if folder.ends_with("bin") { parent(&folder) } else { program.clone() };
    let type_stripping =
        if answer.strips { TypeStripping::of(answer.version) } else { TypeStripping::Missing };
    Ok(Interpreter { program, version: answer.version, type_stripping, read: existing(vec![read]) })
}

/// Properties in a form that every version prints: `    java.home = /usr/lib/jvm/...`.
fn ask_java(search: &Search<'_>, program: &Path) -> Result<Interpreter, RuntimeError> {
    let answer = ask(search, program, &["-XshowSettings:properties", "-version"], AnswersOn::Stderr)?;
    let property = |name: &str| {
        let line = answer.lines().find_map(|line| line.trim().strip_prefix(name)?.trim().strip_prefix('='));
        line.map(|value| value.trim().to_owned())
    };
    let broken = || not_an_answer(program, &answer);
    let home = PathBuf::from(property("java.home").ok_or_else(broken)?);
    let version = property("java.version").ok_or_else(broken)?;
    // Java 8 calls itself 1.8.
    let version = version.strip_prefix("1.").unwrap_or(&version).parse().map_err(|_| broken())?;
    let program = home.join("bin/java");
    let mut read = vec![home.clone()];
    // Debian keeps configuration elsewhere, behind links.
    for link in ["conf", "lib/security", "lib/security/cacerts", "conf/security"] {
        read.extend(fs::canonicalize(home.join(link)));
    }
    read.push(PathBuf::from("/etc/ssl/certs/java"));
    Ok(Interpreter { program, version, read: existing(read), type_stripping: TypeStripping::Missing })
}

const ASK_RUBY: &str = "require 'json'; require 'rbconfig'; \
    puts JSON.generate({executable: RbConfig.ruby, version: RUBY_VERSION, \
    read: [RbConfig::CONFIG['prefix'] == '/usr' ? nil : RbConfig::CONFIG['prefix'], *$LOAD_PATH, *Gem.path].compact})";

/// Prints nothing if there is none: that is a `LoadError`, which a plain `rescue` does not catch.
const ASK_GEM: &str =
    "begin; print(Gem::Specification.find_by_name('aws_lambda_ric').gem_dir); rescue LoadError; end";

fn ask_ruby(search: &Search<'_>, program: &Path) -> Result<Interpreter, RuntimeError> {
    let answer: Answer = ask_json(search, program, &["-e", ASK_RUBY])?;
    let program = fs::canonicalize(&answer.executable).unwrap_or(answer.executable);
    Ok(Interpreter {
        program,
        version: answer.version,
        read: existing(answer.read),
        type_stripping: TypeStripping::Missing,
    })
}

fn not_an_answer(program: &Path, text: &str) -> RuntimeError {
    let reason = format!("answered {:?}", text.chars().take(80).collect::<String>());
    RuntimeError::InterpreterBroken { program: program.to_owned(), reason }
}

fn existing(paths: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut kept: Vec<PathBuf> = Vec::new();
    for path in paths {
        if path.is_absolute() && path.exists() && !kept.contains(&path) {
            kept.push(path);
        }
    }
    kept
}

/// What `program` answers, which is JSON.
fn ask_json<A: DeserializeOwned>(
    search: &Search<'_>,
    program: &Path,
    args: &[&str],
) -> Result<A, RuntimeError> {
    let answer = ask(search, program, args, AnswersOn::Stdout)?;
    serde_json::from_str(&answer).map_err(|_| not_an_answer(program, &answer))
}

/// Where an interpreter prints its answer. What comes on the other stream is not one: warnings, for example.
#[derive(Clone, Copy)]
enum AnswersOn {
    Stdout,
    /// `java -XshowSettings` and `java -version` do.
    Stderr,
}

/// Runs `program` in the function's folder and returns what it printed.
///
/// The folder matters: version managers look for `.python-version` and the like in it. The
/// environment is cleared but for what version managers need.
fn ask(
    search: &Search<'_>,
    program: &Path,
    args: &[&str],
    answers_on: AnswersOn,
) -> Result<String, RuntimeError> {
    let broken = |reason: String| RuntimeError::InterpreterBroken { program: program.to_owned(), reason };
    let mut command = Command::new(program);
    command.args(args).current_dir(search.root).env_clear().env("PATH", search.path_env);
    for (name, value) in managers_variables(search) {
        command.env(name, value);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| broken(error.to_string()))?;

    let (sender, receiver) = mpsc::channel();
    let mut stdout = child.stdout.take();
    let mut stderr = child.stderr.take();
    thread::spawn(move || {
        let mut out = String::new();
        let mut err = String::new();
        // An answer is far smaller than a pipe's buffer, so one after the other cannot block.
        let read = stdout.as_mut().map(|it| it.read_to_string(&mut out));
        let _ = stderr.as_mut().map(|it| it.read_to_string(&mut err));
        // The receiver is gone if we have lost patience.
        let _ = sender.send((matches!(read, Some(Ok(_))), out, err));
    });
    let Ok((readable, out, err)) = receiver.recv_timeout(PATIENCE) else {
        // Both fail only if it has ended by itself.
        let _ = child.kill();
        let _ = child.wait();
        return Err(broken(format!("no answer within {} s", PATIENCE.as_secs())));
    };
    let status = child.wait().map_err(|error| broken(error.to_string()))?;
    if !status.success() || !readable {
        let line = err.lines().map(str::trim).find(|it| !it.is_empty()).unwrap_or_default();
        return Err(broken(format!("{status}: {line}").trim_end_matches([':', ' ']).to_owned()));
    }
    Ok(match answers_on {
        AnswersOn::Stdout => out,
        AnswersOn::Stderr => err,
    })
}

fn managers_variables(search: &Search<'_>) -> Vec<(OsString, OsString)> {
    let home = search.surroundings.home.clone().map(|it| ("HOME".into(), it.into_os_string()));
    let names = ["PYENV_ROOT", "PYENV_VERSION", "NVM_DIR", "ASDF_DIR", "ASDF_DATA_DIR", "VOLTA_HOME"];
    let passed =
        names.iter().filter_map(|name| std::env::var_os(name).map(|value| (OsString::from(name), value)));
    home.into_iter().chain(passed).collect()
}

/// Folders that `require` looks into from `root` upwards, what links in them lead to, and what those need in turn.
pub(crate) fn node_modules(root: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = Vec::new();
    let mut todo = modules_above(root);
    while let Some(folder) = todo.pop() {
        if paths.len() >= MOST_MODULE_FOLDERS || paths.iter().any(|known| folder.starts_with(known)) {
            continue;
        }
        // Workspaces and pnpm link packages from elsewhere.
        for entry in packages_in(&folder) {
            let is_link = fs::symlink_metadata(&entry).is_ok_and(|it| it.is_symlink());
            let Some(real) = is_link.then(|| fs::canonicalize(&entry).ok()).flatten() else { continue };
            if real.starts_with(&folder) || real.starts_with(root) {
                continue;
            }
            // The outermost: pnpm's store has folders of that name within, and links from one to the other.
            match real.ancestors().filter(|dir| dir.ends_with("node_modules")).last() {
                Some(around) => todo.push(around.to_owned()),
                None => {
                    todo.extend(modules_above(&real));
                    paths.push(real);
                }
            }
        }
        paths.push(folder);
    }
    paths
}

/// Far more than workspaces have; a bound for links that lead through a whole disk.
const MOST_MODULE_FOLDERS: usize = 200;

fn modules_above(folder: &Path) -> Vec<PathBuf> {
    folder.ancestors().map(|dir| dir.join("node_modules")).filter(|dir| dir.is_dir()).collect()
}

fn packages_in(dir: &Path) -> Vec<PathBuf> {
    let list = |dir: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(dir).map(|it| it.flatten().map(|entry| entry.path()).collect());
        entries.unwrap_or_default()
    };
    let (scopes, mut packages): (Vec<PathBuf>, Vec<PathBuf>) = list(dir)
        .into_iter()
        .partition(|path| path.file_name().is_some_and(|it| it.as_encoded_bytes().starts_with(b"@")));
    packages.extend(scopes.iter().flat_map(|scope| list(scope)));
    packages.sort();
    packages
}

#[cfg(test)]
mod tests;
