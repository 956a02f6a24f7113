//! Java functions: which classes or jar of a folder is meant, and how the virtual machine is started.

use std::{
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
};

use crate::{RuntimeError, Version, find::Located, jar};

/// Where build tools leave what they make, best first.
const CLASS_FOLDERS: [&str; 3] = ["", "target/classes", "build/classes/java/main"];
const JAR_FOLDERS: [&str; 3] = ["", "target", "build/libs"];

/// Interfaces of `aws-lambda-java-core`, as class files name them.
const INTERFACES: [&str; 2] = [
    "com/amazonaws/services/lambda/runtime/RequestHandler",
    "com/amazonaws/services/lambda/runtime/RequestStreamHandler",
];

/// The entry of the official client (`AWSLambda.java`).
const MAIN: &str = "com.amazonaws.services.lambda.runtime.api.client.AWSLambda";

/// Enough for any function; keeps a wrongly chosen folder bearable.
const MOST_CLASSES: usize = 5000;

/// Whether classes or a jar lie where build tools put them.
pub(crate) fn has_classes(root: &Path) -> bool {
    class_folder(root).is_some() || !jars(root).is_empty()
}

/// Whether `handler` has the form `pkg.Class::method`. Ruby's `file.Module::Class.method` has dots behind the colons.
pub(crate) fn is_handler(handler: &str) -> bool {
    handler.rsplit_once("::").is_some_and(|(class, method)| !class.is_empty() && !method.contains(['.', '/']))
}

/// Whether `handler` (`pkg.Class`) names a class below `root`.
pub(crate) fn has_class(root: &Path, handler: &str) -> bool {
    let file = format!("{}.class", handler.replace('.', "/"));
    class_folder(root).is_some_and(|folder| folder.join(&file).is_file())
        || jars(root).iter().any(|jar| jar::names(jar).contains(&file))
}

/// The function in the folder `root`.
pub(crate) fn locate(root: &Path, handler: Option<&str>) -> Result<Located, RuntimeError> {
    // A jar that build tools have packed holds what the classes need; bare classes may not.
    let (code, classes) = match (jars(root).as_slice(), class_folder(root)) {
        ([jar], None) => (vec![jar.clone()], Vec::new()),
        ([_, _, ..], None) => {
            let name = |jar: &PathBuf| jar.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let candidates: Vec<String> = jars(root).iter().map(name).collect();
            let example = "pkg.Class::method".to_owned();
            return Err(RuntimeError::SeveralFiles { path: root.to_owned(), candidates, example });
        }
        (_, Some(folder)) => {
            let mut code = vec![folder.clone()];
            code.extend(libraries(root));
            (code, class_files(&folder))
        }
        ([], None) => return Err(RuntimeError::NothingFound { path: root.to_owned() }),
    };
    located(root, code, classes, handler)
}

/// The function in the file `jar`.
pub(crate) fn locate_jar(jar: &Path, handler: Option<&str>) -> Result<Located, RuntimeError> {
    let root = jar.parent().unwrap_or(Path::new("/"));
    located(root, vec![jar.to_owned()], Vec::new(), handler)
}

fn located(
    root: &Path,
    code: Vec<PathBuf>,
    classes: Vec<PathBuf>,
    handler: Option<&str>,
) -> Result<Located, RuntimeError> {
    let handler = match handler {
        Some(handler) => handler.to_owned(),
        None => match handlers(&code[0], &classes).as_slice() {
            [only] => only.clone(),
            candidates => {
                return Err(RuntimeError::NoJavaHandler {
                    path: code[0].clone(),
                    candidates: candidates.iter().take(10).cloned().collect(),
                });
            }
        },
    };
    Ok(Located::Java { root: root.to_owned(), code, classes, handler })
}

/// Names of the classes in `folder` that say that they implement one of the interfaces.
fn handlers(folder: &Path, classes: &[PathBuf]) -> Vec<String> {
    let implements = |file: &PathBuf| {
        let content = fs::read(file).unwrap_or_default();
        INTERFACES.iter().any(|name| content.windows(name.len()).any(|it| it == name.as_bytes()))
    };
    let name = |file: &PathBuf| {
        let below = file.strip_prefix(folder).ok()?.with_extension("");
        Some(below.to_string_lossy().replace('/', "."))
    };
    classes.iter().filter(|it| implements(it)).filter_map(name).filter(|it| !it.contains('$')).collect()
}

fn class_folder(root: &Path) -> Option<PathBuf> {
    CLASS_FOLDERS.iter().map(|it| root.join(it)).find(|folder| !class_files(folder).is_empty())
}

fn class_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut todo = vec![(folder.to_owned(), 0)];
    while let Some((dir, depth)) = todo.pop() {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            match entry.file_type() {
                // Packages are not called like folders of build tools.
                Ok(kind) if kind.is_dir() && depth < 12 && !is_build_folder(&path) => {
                    todo.push((path, depth + 1))
                }
                Ok(kind) if kind.is_file() && path.extension().is_some_and(|it| it == "class") => {
                    found.push(path);
                }
                _ => {}
            }
            if found.len() >= MOST_CLASSES {
                break;
            }
        }
    }
    found.sort();
    found
}

fn is_build_folder(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') || matches!(&*name, "target" | "build" | "node_modules" | "src")
}

/// Jars of the function itself, without those of its sources and documentation.
fn jars(root: &Path) -> Vec<PathBuf> {
    for folder in JAR_FOLDERS {
        let mut found = jars_in(&root.join(folder));
        found.retain(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let extra = ["-sources.jar", "-javadoc.jar", "-tests.jar", "-plain.jar"];
            // maven-shade-plugin keeps the thin one as `original-NAME.jar`; the client is no function.
            !extra.iter().any(|it| name.ends_with(it))
                && !name.starts_with("original-")
                && !name.starts_with("aws-lambda-java-")
        });
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// What the classes need: AWS "Java Lambda deployment package": jars in `lib`.
fn libraries(root: &Path) -> Vec<PathBuf> {
    ["lib", "target/lib", "target/dependency"].iter().flat_map(|it| jars_in(&root.join(it))).collect()
}

fn jars_in(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        entries.map(|it| it.path()).filter(|it| it.extension().is_some_and(|it| it == "jar")).collect();
    found.sort();
    found
}

/// Arguments of `java` for this code, behind the jars of the client: AWSLambda.java gives its own classes to the loader of
/// the system, which a function's classes cannot replace.
///
/// The flags are those of the managed runtimes (command lines of java17 of 2023 and 2024, recorded in
/// sigpwned/the-lambda-iceberg-dissecting-the-official-java-runtimes and the layers made with it), but for their archive of
/// prepared classes and their Log4j patch, which only their images have.
pub(crate) fn arguments(
    version: Version,
    code: &[PathBuf],
    client: &[&Path],
    handler: &str,
) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["-XX:+UseSerialGC".into(), "-Xshare:auto".into()];
    if version.major >= 17 {
        // AWS "Customize Java runtime startup behavior for Lambda functions": by default from Java 17 on.
        arguments.extend(["-XX:+TieredCompilation".into(), "-XX:TieredStopAtLevel=1".into()]);
        arguments.push("-XX:+ErrorFileToStderr".into());
    }
    if version.major >= 9 {
        // Without it the client cannot make a `FileDescriptor` of a number, and log records go to standard output.
        arguments.push("--add-opens=java.base/java.io=ALL-UNNAMED".into());
    }
    arguments.push("-Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac".into());
    let client = client.iter().map(|it| it.as_os_str());
    let class_path: Vec<&OsStr> = client.chain(code.iter().map(|it| it.as_os_str())).collect();
    arguments.extend(["-classpath".into(), class_path.join(OsStr::new(":"))]);
    arguments.extend([MAIN.into(), handler.into()]);
    arguments
}

/// The limit of the heap for a function with so much memory: 85 %, rounded up. Recorded as above: 445,645 KB of 512 MB.
pub(crate) fn heap_limit(memory_mb: u64) -> OsString {
    format!("-XX:MaxHeapSize={}k", (memory_mb * 1024 * 85).div_ceil(100)).into()
}

#[cfg(test)]
mod tests;
