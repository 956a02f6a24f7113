//! Why a function could not be found or prepared, and what to do about it.

use std::{io, path::PathBuf};

/// Why a function could not be found or prepared.
///
/// Every message says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// The path does not exist.
    #[error("`{}` does not exist: pass the folder or file that holds the function", path.display())]
    PathMissing {
        /// What the user named.
        path: PathBuf,
    },
    /// More layers than Lambda takes.
    #[error("{count} layers: Lambda takes at most {most}")]
    TooManyLayers {
        /// As many as were named.
        count: usize,
        /// As many as there can be.
        most: usize,
    },
    /// A layer is no folder.
    #[error("the layer `{}` is not a folder: extract its archive and name the folder", path.display())]
    NoLayer {
        /// What the user named.
        path: PathBuf,
    },
    /// Layers that cannot be copied into one folder.
    #[error("cannot copy the layer `{}` to `{}`", layer.display(), to.display())]
    NotMerged {
        /// The layer.
        layer: PathBuf,
        /// The folder for all of them.
        to: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The path exists and cannot be read.
    #[error("cannot read `{}`: check its permissions", path.display())]
    Unreadable {
        /// What could not be read.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The folder holds nothing that could be a function.
    #[error(
        "no function found in `{}`: expected a JavaScript, TypeScript, Python or Ruby file, Java classes, an executable `bootstrap` or a Cargo package; \
         pass the right folder, or name the handler with --handler FILE.FUNCTION",
        path.display()
    )]
    NothingFound {
        /// The folder.
        path: PathBuf,
    },
    /// A `bootstrap` that nobody may execute.
    #[error("`{}` is not marked as executable: chmod +x it", path.display())]
    NotExecutable {
        /// The file.
        path: PathBuf,
    },
    /// The file is of a kind that we cannot run.
    #[error(
        "cannot run `{}`: expected .js, .mjs, .cjs, .ts, .mts, .cts, .py, .rb, .jar or an executable (for an executable: chmod +x it)",
        path.display()
    )]
    UnknownFile {
        /// The file.
        path: PathBuf,
    },
    /// The function is TypeScript and no interpreter was found that reads it.
    #[error(
        "`{}` is TypeScript, which Node runs as it is from version 22.18 on (searched {}): {fix}, \
         or build it first (npm run build, tsc or esbuild) and pass the folder with the output",
        path.display(), searched.join(", ")
    )]
    OnlyTypeScript {
        /// The file with the handler.
        path: PathBuf,
        /// Where an interpreter was looked for.
        searched: Vec<String>,
        /// How to get one.
        fix: String,
    },
    /// The function is TypeScript, which the official client does not look for.
    #[error(
        "`{}` is TypeScript, which the official client of AWS does not load, nor does Lambda: \
         build it first (npm run build, tsc or esbuild) and pass the folder with the output, or leave --client official out",
        path.display()
    )]
    TypeScriptForOfficial {
        /// The file with the handler.
        path: PathBuf,
    },
    /// Several files could be the function.
    #[error(
        "several files in `{}` could be the function ({}): pass one of them, or --handler {}",
        path.display(), candidates.join(", "), example
    )]
    SeveralFiles {
        /// The folder.
        path: PathBuf,
        /// The files, relative to the folder.
        candidates: Vec<String>,
        /// A handler that could be passed.
        example: String,
    },
    /// The file exports no function that could be the handler.
    #[error("no handler function found in `{}`: {hint}, or name it with --handler {example}", path.display())]
    NoHandler {
        /// The file.
        path: PathBuf,
        /// What a handler looks like in this language.
        hint: &'static str,
        /// A handler that could be passed.
        example: String,
    },
    /// The file exports several functions and none has a conventional name.
    #[error(
        "several functions in `{}` could be the handler ({}): choose one with --handler {}",
        path.display(), candidates.join(", "), example
    )]
    SeveralHandlers {
        /// The file.
        path: PathBuf,
        /// Names of the functions.
        candidates: Vec<String>,
        /// A handler that could be passed.
        example: String,
    },
    /// `--handler` has a form that Lambda would not accept.
    #[error(
        "`{handler}` is not a handler: write FILE.FUNCTION, such as index.handler or src/app.lambda_handler, \
         with FILE below the folder of the function{}",
        if handler.contains("..") { " (Lambda takes no `..`)" } else { "" }
    )]
    MalformedHandler {
        /// What the user said.
        handler: String,
    },
    /// `--handler` names a file that is not there.
    #[error(
        "handler `{handler}` points to no file: looked for {}; correct --handler or the path of the function",
        searched.iter().map(|path| format!("`{}`", path.display())).collect::<Vec<_>>().join(", ")
    )]
    HandlerFileMissing {
        /// What the user said.
        handler: String,
        /// The files that would have matched.
        searched: Vec<PathBuf>,
    },
    /// `--runtime` names a runtime that we do not know.
    #[error(
        "unknown runtime `{runtime}`: {}supported are nodejs, python, java, ruby and provided, with or without a version",
        suggestion.map_or_else(String::new, |it| format!("did you mean `{it}`? "))
    )]
    UnknownRuntime {
        /// What the user said.
        runtime: String,
        /// The nearest known identifier, if one is near.
        suggestion: Option<&'static str>,
    },
    /// `--runtime` contradicts the file.
    #[error("`{}` cannot run on `{runtime}`: leave --runtime out, or pass a file of that language", path.display())]
    RuntimeMismatch {
        /// The file.
        path: PathBuf,
        /// What the user said.
        runtime: String,
    },
    /// No interpreter for the language was found.
    #[error("no `{wanted}` found: searched {}; {fix}", searched.join(", "))]
    InterpreterMissing {
        /// The program that was looked for.
        wanted: String,
        /// Where it was looked for.
        searched: Vec<String>,
        /// How to get one.
        fix: String,
    },
    /// An interpreter was found and does not work.
    #[error(
        "`{}` does not work ({reason}): run `{} --version` by hand, or put a working one first in PATH",
        program.display(), program.display()
    )]
    InterpreterBroken {
        /// The program that was asked.
        program: PathBuf,
        /// What it did.
        reason: String,
    },
    /// The interpreter is older than our client supports.
    #[error("`{}` is version {version}, too old: {minimum} or newer is needed; pass --runtime with a newer version", program.display())]
    InterpreterTooOld {
        /// The program.
        program: PathBuf,
        /// Its version.
        version: String,
        /// The oldest version that works.
        minimum: &'static str,
    },
    /// A Cargo package that was not built.
    #[error(
        "`{package}` is not built: run `cargo build --release` in `{}` (looked for {})",
        path.display(),
        searched.iter().map(|path| format!("`{}`", path.display())).collect::<Vec<_>>().join(", ")
    )]
    NotBuilt {
        /// The binary's name.
        package: String,
        /// Folder of the package.
        path: PathBuf,
        /// The executables that would have matched.
        searched: Vec<PathBuf>,
    },
    /// A Cargo package without a program.
    #[error("`{}` builds no program: add src/main.rs or a [[bin]], or pass the executable itself", path.display())]
    NoProgram {
        /// The manifest.
        path: PathBuf,
    },
    /// A Cargo manifest that cannot be understood.
    #[error("cannot understand `{}`: {reason}", path.display())]
    BrokenManifest {
        /// The manifest.
        path: PathBuf,
        /// The parser's reason.
        reason: String,
    },
    /// The official client is not installed.
    #[error(
        "no official client `{client}` found: searched {}; {fix}",
        searched.iter().map(|path| format!("`{}`", path.display())).collect::<Vec<_>>().join(", ")
    )]
    ClientMissing {
        /// Its name.
        client: &'static str,
        /// Where it was looked for.
        searched: Vec<PathBuf>,
        /// How to get it.
        fix: String,
    },
    /// The official client that was found does not run on this interpreter.
    #[error(
        "{client} needs {needs} or newer, this is {version}; pass --runtime with a newer version, or {fix}"
    )]
    ClientNeedsNewer {
        /// Name and version.
        client: String,
        /// What it needs.
        needs: &'static str,
        /// What there is.
        version: String,
        /// How to get an older one.
        fix: String,
    },
    /// The official client that was found is compiled for another version of the interpreter.
    #[error("`{client}` in `{}` is compiled for another version than {version}; {fix}", path.display())]
    ClientForOther {
        /// Its name.
        client: &'static str,
        /// The folder with its package.
        path: PathBuf,
        /// Name and version of the interpreter.
        version: String,
        /// How to get the right one.
        fix: String,
    },
    /// A part of the official client that its installation compiles is missing.
    #[error(
        "`{}` has no rapid-client.node: its install script did not run, which newer versions of npm ask about, or failed; \
         install make, g++, cmake, autoconf, automake and libtool, then run `npm rebuild {client}` there",
        path.display()
    )]
    ClientNotBuilt {
        /// Its name.
        client: &'static str,
        /// The folder of its package.
        path: PathBuf,
    },
    /// A jar that cannot be unpacked.
    #[error("cannot unpack `{}`: build it again, and see that there is room for it where TMPDIR points", path.display())]
    NotUnpacked {
        /// The archive.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// A Java function without a handler.
    #[error(
        "which class of `{}` is the handler? pass --handler pkg.Class::method, or pkg.Class for a class that implements RequestHandler{}",
        path.display(),
        if candidates.is_empty() { String::new() } else { format!(" ({})", candidates.join(", ")) }
    )]
    NoJavaHandler {
        /// The function.
        path: PathBuf,
        /// Classes that implement it.
        candidates: Vec<String>,
    },
    /// A path that cannot be handed over in an environment variable.
    #[error("`{}` is not valid UTF-8: rename or move the function", path.display())]
    PathNotUtf8 {
        /// The path.
        path: PathBuf,
    },
}
