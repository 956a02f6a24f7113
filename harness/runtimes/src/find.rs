//! From what the user typed to a function that is ready to start.
//!
//! The rules are those of the service where it has some (how a handler string names a file) and
//! convention elsewhere (which file of a folder is the function). Where convention does not
//! decide, the answer is an error that lists the candidates, never a guess.

use std::{
    env,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    ClientChoice, ClientPart, CodePlace, Language, Runtime, RuntimeError, Unpack, cargo_package, exports,
    interpreter::Search,
    jvm::{self, JavaCode},
    runtime::Wanted,
    typescript::{Source, is_type_script},
};

mod directory;
mod handler;
mod launch;
mod own_files;

/// What the user said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// A folder, a source file, an executable or a `Cargo.toml`.
    pub path: PathBuf,
    /// `--handler`, such as `index.handler`; for a file the function's name alone is enough.
    pub handler: Option<String>,
    /// `--runtime`: `nodejs`, `nodejs20.x`, `python`, `python3.12`, `provided`.
    pub runtime: Option<String>,
    /// `--client`: whose code speaks the Runtime API.
    pub client: ClientChoice,
    /// `--client-dir`: where official clients are installed, beside the usual places.
    pub client_dirs: Vec<PathBuf>,
    /// The `PATH` to search for interpreters.
    pub path_env: OsString,
}

/// A function found and ready to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// A name that Lambda would accept, made from the folder or file.
    pub name: String,
    /// Absolute folder of the code, `LAMBDA_TASK_ROOT`; also the working directory.
    pub root: PathBuf,
    /// The handler as Lambda would be told, `_HANDLER`.
    pub handler: String,
    /// The runtime with the version that was found.
    pub runtime: Runtime,
    /// How to start it.
    pub launch: Launch,
    /// Source files of the function itself, without dependencies and tests; for a native
    /// function the executable. Sorted.
    pub own_files: Vec<PathBuf>,
    /// A folder with the content of its layers, `/opt` in Lambda. [`find`] leaves it empty.
    pub opt: Option<PathBuf>,
}

/// How to start a function's process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// The real program, absolute, never a version manager's shim. It can be a symbolic link: a
    /// Python virtual environment is recognised by the path that the interpreter is started by.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Variables that this runtime needs in addition to Lambda's.
    pub env: Vec<(String, String)>,
    /// What must be readable besides the system's own libraries. Absolute, exists, may overlap.
    pub read: Vec<PathBuf>,
    /// Folders that belong in `PATH`.
    pub path_dirs: Vec<PathBuf>,
    /// Parts of the client that lie outside the function's own folder.
    pub client: Vec<ClientPart>,
    /// Folders in which an interpreter has to look for packages in addition to its own.
    pub packages: Vec<PathBuf>,
    /// What has to be unpacked before: see [`Target::unpack`].
    pub unpack: Vec<Unpack>,
    /// Whether the code can be shown elsewhere than where it lies.
    pub code: CodePlace,
}

/// What the process's environment says about where tools live. Taken once, so that tests can
/// pass their own.
#[derive(Debug, Clone, Default)]
pub(crate) struct Surroundings {
    pub(crate) home: Option<PathBuf>,
    pub(crate) virtual_env: Option<PathBuf>,
    pub(crate) cargo_target_dir: Option<PathBuf>,
    pub(crate) java_home: Option<PathBuf>,
}

impl Surroundings {
    fn of_this_process() -> Self {
        let path = |name| env::var_os(name).filter(|it| !it.is_empty()).map(PathBuf::from);
        Self {
            home: path("HOME"),
            virtual_env: path("VIRTUAL_ENV"),
            cargo_target_dir: path("CARGO_TARGET_DIR"),
            java_home: path("JAVA_HOME"),
        }
    }
}

/// Where the function's code is: the part of the search that starts no process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Located {
    /// A handler in a source file.
    Script { language: Language, root: PathBuf, handler: String, file: PathBuf },
    /// Classes or jars.
    Java { root: PathBuf, code: JavaCode, handler: String },
    /// A program.
    Program { root: PathBuf, executable: PathBuf, name: Option<String> },
}

/// Finds the function that `request` names and the interpreter that runs it.
///
/// `support_dir` is the folder that [`install_clients`](crate::install_clients) and [`Target::unpack`] write to; it
/// need not be written yet. Besides `request.path_env` the search follows `HOME` (installations
/// of version managers), `VIRTUAL_ENV` and `CARGO_TARGET_DIR` of this process.
///
/// # Errors
///
/// Returns an error that says what to do when nothing, or more than one thing, fits.
pub fn find(request: &Request, support_dir: &Path) -> Result<Target, RuntimeError> {
    find_within(request, support_dir, &Surroundings::of_this_process())
}

pub(crate) fn find_within(
    request: &Request,
    support_dir: &Path,
    surroundings: &Surroundings,
) -> Result<Target, RuntimeError> {
    let wanted = request.runtime.as_deref().map(Wanted::parse).transpose()?;
    let located = locate(request, wanted, surroundings)?;
    match located {
        Located::Program { root, executable, name } => {
            let name = name.unwrap_or_else(|| function_name(&root, &executable));
            Ok(Target {
                name: lambda_name(&name),
                handler: request.handler.clone().unwrap_or_else(|| "bootstrap".to_owned()),
                runtime: Runtime::Provided,
                launch: Launch {
                    program: executable.clone(),
                    args: Vec::new(),
                    env: Vec::new(),
                    read: vec![utf8(root.clone())?, executable.clone()],
                    path_dirs: Vec::new(),
                    client: Vec::new(),
                    packages: Vec::new(),
                    unpack: Vec::new(),
                    code: CodePlace::Task,
                },
                own_files: vec![executable],
                opt: None,
                root,
            })
        }
        Located::Java { root, code, handler } => {
            let search = Search {
                path_env: &request.path_env,
                root: &root,
                version: wanted.and_then(|it| it.version),
                surroundings,
                source: Source::Plain,
            };
            let (JavaCode::Jar(file) | JavaCode::Folder { folder: file, .. }) = &code;
            let name = lambda_name(&function_name(&root, file));
            let found = launch::java(&search, request, &absolute(support_dir)?, &code, &handler)?;
            Ok(Target {
                name,
                handler,
                runtime: found.runtime,
                launch: found.launch,
                own_files: found.own_files,
                opt: None,
                root: utf8(found.root)?,
            })
        }
        Located::Script { language, root, handler, file } => {
            let support_dir = absolute(support_dir)?;
            let search = Search {
                path_env: &request.path_env,
                root: &root,
                version: wanted.and_then(|it| it.version),
                source: if is_type_script(&file) { Source::TypeScript } else { Source::Plain },
                surroundings,
            };
            let (runtime, launch) = match language {
                Language::JavaScript => launch::node(&search, request, &support_dir, (&handler, &file))?,
                Language::Python => launch::python(&search, request, &support_dir, &handler)?,
                Language::Ruby => launch::ruby(&search, request)?,
                Language::Java | Language::Native => unreachable!("these are no scripts"),
            };
            Ok(Target {
                name: lambda_name(&function_name(&root, &file)),
                handler,
                runtime,
                launch,
                own_files: own_files::list(&root, language, &file),
                opt: None,
                root: utf8(root)?,
            })
        }
    }
}

fn locate(
    request: &Request,
    wanted: Option<Wanted>,
    surroundings: &Surroundings,
) -> Result<Located, RuntimeError> {
    let path = fs::canonicalize(&request.path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => RuntimeError::PathMissing { path: request.path.clone() },
        _ => RuntimeError::Unreadable { path: request.path.clone(), source },
    })?;
    let language = wanted.map(|it| it.language);
    if path.is_dir() {
        return directory::locate(&path, request, language, surroundings);
    }
    let found = match extension(&path) {
        "js" | "mjs" | "cjs" | "ts" | "mts" | "cts" => {
            locate_script(&path, request.handler.as_deref(), Language::JavaScript)?
        }
        "py" => locate_script(&path, request.handler.as_deref(), Language::Python)?,
        "rb" => locate_script(&path, request.handler.as_deref(), Language::Ruby)?,
        "jar" => jvm::locate_jar(&path, request.handler.as_deref())?,
        _ if path.ends_with("Cargo.toml") => {
            let root = parent(&path);
            cargo_package::locate(&root, request.handler.as_deref(), surroundings)?
        }
        _ if is_executable(&path) => {
            Located::Program { root: parent(&path), executable: path.clone(), name: None }
        }
        _ => return Err(RuntimeError::UnknownFile { path }),
    };
    let is = match &found {
        Located::Script { language, .. } => *language,
        Located::Java { .. } => Language::Java,
        Located::Program { .. } => Language::Native,
    };
    if let (Some(runtime), Some(language)) = (&request.runtime, language)
        && is != language
    {
        return Err(RuntimeError::RuntimeMismatch { path, runtime: runtime.clone() });
    }
    Ok(found)
}

/// The user named a source file.
fn locate_script(file: &Path, handler: Option<&str>, language: Language) -> Result<Located, RuntimeError> {
    let root = script_root(file, language);
    let module = handler::module_of(&root, file, language);
    let script =
        |handler: String| Located::Script { language, root: root.clone(), handler, file: file.to_owned() };
    match handler {
        // The function's name alone.
        Some(name) if !name.contains(['.', '/']) => Ok(script(format!("{module}.{name}"))),
        Some(full) => {
            let found = handler::resolve(&root, full, language)?;
            if found != file {
                return Err(RuntimeError::HandlerFileMissing {
                    handler: full.to_owned(),
                    searched: vec![file.to_owned()],
                });
            }
            Ok(script(full.to_owned()))
        }
        None => {
            let function = exports::choose(file, language)?.into_function(file, &module, language)?;
            Ok(script(format!("{module}.{function}")))
        }
    }
}

/// The folder that would be deployed, for a file that the user named: normally its own.
///
/// A Python module of a package needs the folder above the package; a JavaScript file that
/// reaches upwards needs the folder that reaches far enough.
fn script_root(file: &Path, language: Language) -> PathBuf {
    let own = parent(file);
    match language {
        Language::Python => {
            own.ancestors().find(|dir| !dir.join("__init__.py").exists()).unwrap_or(&own).to_owned()
        }
        Language::JavaScript => {
            let text = fs::read_to_string(file).unwrap_or_default();
            if !text.contains("'../") && !text.contains("\"../") {
                return own;
            }
            own.ancestors().take(4).find(|dir| dir.join("package.json").exists()).unwrap_or(&own).to_owned()
        }
        Language::Ruby | Language::Java | Language::Native => own,
    }
}

impl Target {
    /// Unpacks what has to be, below the folder that [`find`] was told. Does nothing for most functions.
    ///
    /// # Errors
    ///
    /// Returns an error if an archive is damaged or its files cannot be written.
    pub fn unpack(&self) -> Result<(), RuntimeError> {
        for it in &self.launch.unpack {
            it.run().map_err(|source| RuntimeError::NotUnpacked { path: it.archive.clone(), source })?;
        }
        Ok(())
    }

    /// The source file with the handler. `None` for what is compiled.
    pub fn handler_file(&self) -> Option<PathBuf> {
        handler::resolve(&self.root, &self.handler, self.runtime.language()).ok()
    }

    /// Tells a virtual machine how much memory the function has.
    pub fn limit_memory(&mut self, memory_mb: u64) {
        if let Runtime::Java { .. } = self.runtime {
            self.launch.args.insert(0, jvm::heap_limit(memory_mb));
        }
    }
}

/// File names that say nothing about the function, so that the folder's name is used.
const CONVENTIONAL_STEMS: &[&str] =
    &["index", "app", "handler", "lambda", "main", "lambda_function", "bootstrap", "__init__"];

fn function_name(root: &Path, file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let folder = root.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let in_root = file.parent() == Some(root);
    if (in_root && !CONVENTIONAL_STEMS.contains(&stem.as_str())) || folder.is_empty() { stem } else { folder }
}

// AWS "CreateFunction": [a-zA-Z0-9-_]+, at most 64 characters.
fn lambda_name(text: &str) -> String {
    let name: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).take(64).collect();
    if name.is_empty() { "function".to_owned() } else { name }
}

fn absolute(path: &Path) -> Result<PathBuf, RuntimeError> {
    std::path::absolute(path).map_err(|source| RuntimeError::Unreadable { path: path.to_owned(), source })
}

fn utf8(path: PathBuf) -> Result<PathBuf, RuntimeError> {
    if path.to_str().is_some() { Ok(path) } else { Err(RuntimeError::PathNotUtf8 { path }) }
}

pub(crate) fn extension(path: &Path) -> &str {
    path.extension().and_then(|it| it.to_str()).unwrap_or_default()
}

pub(crate) fn parent(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new("/")).to_owned()
}

pub(crate) fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests;
