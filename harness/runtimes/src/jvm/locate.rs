//! Which classes or jar are a Java function, in folders as build tools leave them.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::{RuntimeError, find::Located, jar::Jar};

/// Where build tools leave what they make, best first.
const CLASS_FOLDERS: [&str; 3] = ["", "target/classes", "build/classes/java/main"];
const JAR_FOLDERS: [&str; 3] = ["", "target", "build/libs"];
/// AWS "Deploy Java Lambda functions": jars in `lib`. The others are where Maven's plugins copy them.
const LIBRARY_FOLDERS: [&str; 3] = ["lib", "target/lib", "target/dependency"];

/// What plugins add to the name of a jar that holds all it needs, where a thin one lies beside it.
const PACKED: [&str; 4] = ["-all.jar", "-jar-with-dependencies.jar", "-shaded.jar", "-aws.jar"];
/// Jars that are no functions. maven-shade-plugin keeps the thin one as `original-NAME.jar`.
const EXTRA: [&str; 4] = ["-sources.jar", "-javadoc.jar", "-tests.jar", "-plain.jar"];

/// Interfaces of `aws-lambda-java-core`, as class files name them.
const INTERFACES: [&str; 2] = [
    "com/amazonaws/services/lambda/runtime/RequestHandler",
    "com/amazonaws/services/lambda/runtime/RequestStreamHandler",
];
/// Where those are, and the classes of the client that use them.
const CLIENT_PACKAGE: &str = "com/amazonaws/services/lambda/";

/// Enough for any function; keeps a wrongly chosen folder bearable.
const MOST_CLASSES: usize = 5000;

/// Files and folders that are looked at for classes: a home folder has millions, and no function has this many.
const MOST_ENTRIES: usize = 50_000;

/// The classes of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum JavaCode {
    /// A folder, and what belongs on the class path with it.
    Folder {
        /// The folder of the classes.
        folder: PathBuf,
        /// Jars that they need.
        libraries: Vec<PathBuf>,
    },
    /// A jar. Lambda unpacks it to `/var/task`.
    Jar(PathBuf),
}

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
    let in_jar = |jar: &PathBuf| Jar::open(jar).is_ok_and(|it| it.names().any(|name| name == file));
    CLASS_FOLDERS.iter().any(|it| root.join(it).join(&file).is_file()) || jars(root).iter().any(in_jar)
}

/// The function in the folder `root`.
pub(crate) fn locate(root: &Path, handler: Option<&str>) -> Result<Located, RuntimeError> {
    let jars = jars(root);
    let folder = class_folder(root);
    // A jar holds what the classes beside it were packed to, and often what they need. One that is older was packed before
    // the last change.
    if let [jar] = jars.as_slice()
        && folder.as_ref().is_none_or(|it| it != root && age(jar) >= newest(it))
    {
        return located(root, JavaCode::Jar(jar.clone()), handler);
    }
    if let Some(folder) = folder {
        let libraries = LIBRARY_FOLDERS.iter().flat_map(|it| jars_in(&root.join(it))).collect();
        return located(root, JavaCode::Folder { folder, libraries }, handler);
    }
    if jars.is_empty() {
        return Err(RuntimeError::NothingFound { path: root.to_owned() });
    }
    let name = |jar: &PathBuf| jar.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Err(RuntimeError::SeveralFiles {
        path: root.to_owned(),
        candidates: jars.iter().map(name).collect(),
        example: "pkg.Class::method".to_owned(),
    })
}

/// The function in the file `jar`.
pub(crate) fn locate_jar(jar: &Path, handler: Option<&str>) -> Result<Located, RuntimeError> {
    let root = jar.parent().unwrap_or(Path::new("/"));
    located(root, JavaCode::Jar(jar.to_owned()), handler)
}

/// Class files of the function itself: the handler's, and those of packages that begin like its own. A jar may hold
/// thousands of others.
pub(crate) fn own_classes(names: &[String], handler: &str) -> Vec<String> {
    let class = handler.split("::").next().unwrap_or_default().replace('.', "/");
    // `com.example.orders.api.Handler`: what is in com.example is ours.
    let package = class.rsplit_once('/').map_or("", |(package, _)| package);
    let ours: String = package.split('/').take(2).map(|part| format!("{part}/")).collect();
    let file = format!("{class}.class");
    let own = |name: &&String| {
        let beside = if package.is_empty() { !name.contains('/') } else { name.starts_with(&ours) };
        beside && name.ends_with(".class") && !name.ends_with("module-info.class") && **name != file
    };
    let main = names.iter().filter(|it| **it == file);
    main.chain(names.iter().filter(own)).take(MOST_CLASSES).cloned().collect()
}

fn located(root: &Path, code: JavaCode, handler: Option<&str>) -> Result<Located, RuntimeError> {
    let handler = match handler {
        Some(handler) => handler.to_owned(),
        None => match handlers(&code).as_slice() {
            [only] => only.clone(),
            candidates => {
                let (JavaCode::Jar(path) | JavaCode::Folder { folder: path, .. }) = &code;
                return Err(RuntimeError::NoJavaHandler {
                    path: path.clone(),
                    candidates: candidates.iter().take(10).cloned().collect(),
                });
            }
        },
    };
    Ok(Located::Java { root: root.to_owned(), code, handler })
}

/// Names of the classes that mention one of the interfaces: those that implement it do.
fn handlers(code: &JavaCode) -> Vec<String> {
    let classes: Vec<(String, Vec<u8>)> = match code {
        JavaCode::Folder { folder, .. } => {
            let read = |path: PathBuf| {
                let name = path.strip_prefix(folder).ok()?.to_string_lossy().into_owned();
                Some((name, fs::read(&path).ok()?))
            };
            class_files(folder).into_iter().filter_map(read).collect()
        }
        // A damaged jar has no handlers; unpacking it will say what is wrong with it.
        JavaCode::Jar(jar) => {
            Jar::open(jar).and_then(|mut it| it.read(|name| name.ends_with(".class"))).unwrap_or_default()
        }
    };
    let mentions = |content: &[u8]| {
        INTERFACES.iter().any(|name| content.windows(name.len()).any(|it| it == name.as_bytes()))
    };
    let candidates = classes.iter().filter(|(name, content)| {
        !name.starts_with(CLIENT_PACKAGE) && !name.contains('$') && mentions(content)
    });
    candidates.map(|(name, _)| name.trim_end_matches(".class").replace('/', ".")).collect()
}

fn class_folder(root: &Path) -> Option<PathBuf> {
    let mut folders =
        CLASS_FOLDERS.iter().map(|it| if it.is_empty() { root.to_owned() } else { root.join(it) });
    folders.find(|folder| walk(folder).next().is_some())
}

fn age(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|it| it.modified()).ok()
}

fn newest(folder: &Path) -> Option<SystemTime> {
    class_files(folder).iter().filter_map(|it| age(it)).max()
}

/// Class files below `folder`, sorted.
pub(crate) fn class_files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = walk(folder).take(MOST_CLASSES).collect();
    found.sort();
    found
}

/// Class files below `folder`, in the order of the file system, as far as [`MOST_ENTRIES`] reach.
fn walk(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let mut folders = vec![(folder.to_owned(), 0)];
    let entries = std::iter::from_fn(move || {
        let (folder, depth) = folders.pop()?;
        let mut classes = Vec::new();
        let mut read = 0;
        for entry in fs::read_dir(folder).into_iter().flatten().flatten().take(MOST_ENTRIES) {
            read += 1;
            let path = entry.path();
            match entry.file_type() {
                // Packages are not called like folders of build tools.
                Ok(kind) if kind.is_dir() && depth < 12 && !is_build_folder(&path) => {
                    folders.push((path, depth + 1));
                }
                Ok(kind) if kind.is_file() && path.extension().is_some_and(|it| it == "class") => {
                    classes.push(path);
                }
                _ => {}
            }
        }
        Some((read, classes))
    });
    // An empty folder counts as well.
    let within = entries.scan(0, |all, (read, classes)| {
        *all += read + 1;
        (*all <= MOST_ENTRIES).then_some(classes)
    });
    within.flatten()
}

fn is_build_folder(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') || matches!(&*name, "target" | "build" | "node_modules" | "src")
}

/// Jars that can be the function; one if a plugin says so.
fn jars(root: &Path) -> Vec<PathBuf> {
    for folder in JAR_FOLDERS {
        let mut found = jars_in(&root.join(folder));
        let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        found.retain(|path| {
            let name = name(path);
            !EXTRA.iter().any(|it| name.ends_with(it))
                && !name.starts_with("original-")
                && !name.starts_with("aws-lambda-java-")
        });
        let packed = found.iter().find(|path| PACKED.iter().any(|it| name(path).ends_with(it)));
        if let Some(packed) = packed {
            return vec![packed.clone()];
        }
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

fn jars_in(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        entries.map(|it| it.path()).filter(|it| it.extension().is_some_and(|it| it == "jar")).collect();
    found.sort();
    found
}
