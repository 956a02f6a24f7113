//! The observer for Java: an agent, compiled from its source by the function's own JDK.
//!
//! It is compiled once for a release of Java and kept in the user's cache folder, and if there is no compiler the function runs
//! without an observer.

use std::{
    env,
    ffi::OsString,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use super::Observed;
use crate::{Target, Version, jar};

/// The jar of the agent, below the folder of observers.
pub(super) const JAR: &str = "java/observer.jar";

/// The oldest Java in which an agent can define a class in java.base (`MethodHandles.privateLookupIn`).
pub(super) const OLDEST: u32 = 9;

const PACKAGE: &str = "evfuzz/observer";

const SOURCES: [(&str, &str); 7] = [
    ("Agent.java", include_str!("java/Agent.java")),
    ("ClassFile.java", include_str!("java/ClassFile.java")),
    ("Hook.java", include_str!("java/Hook.java")),
    ("Looks.java", include_str!("java/Looks.java")),
    ("Table.java", include_str!("java/Table.java")),
    ("Teller.java", include_str!("java/Teller.java")),
    ("Watched.java", include_str!("java/Watched.java")),
];

const MANIFEST: &str =
    "Manifest-Version: 1.0\r\nPremain-Class: evfuzz.observer.Agent\r\nCan-Retransform-Classes: true\r\n\r\n";

/// Tells threads of one process apart that build at the same time.
static COUNT: AtomicU32 = AtomicU32::new(0);

/// Puts the agent for the Java of `target` below `dir`, built if it is not in the cache.
pub(super) fn install(target: &Target, version: Version, dir: &Path) -> io::Result<Observed> {
    if version.major < OLDEST {
        return Ok(Observed::No);
    }
    let java = &target.launch.program;
    let jar = dir.join(JAR);
    fs::create_dir_all(jar.parent().unwrap_or(dir))?;
    let cached =
        cache().map(|folder| folder.join(format!("java-observer-{}-{:016x}.jar", version.major, key())));
    if cached.as_ref().is_none_or(|cached| fs::copy(cached, &jar).is_err()) {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let work = dir.join(format!("java/build-{}-{count}", std::process::id()));
        let built = build(java, &work);
        let _ = fs::remove_dir_all(&work);
        let Some(bytes) = built? else { return Ok(Observed::Incomplete) };
        fs::write(&jar, &bytes)?;
        if let Some(cached) = cached {
            // The next one builds it again if this fails.
            let _ = keep(&bytes, &cached);
        }
    }
    // A Java that cannot load it would start no function.
    let mut option = OsString::from("-javaagent:");
    option.push(&jar);
    let loads = runs(quiet(java).arg(option).arg("-version"));
    Ok(if loads { Observed::Yes } else { Observed::Incomplete })
}

/// `java`, as no option of the user's changes it.
fn quiet(java: &Path) -> Command {
    let mut command = Command::new(java);
    command.args(["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]);
    for options in
        ["JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "JDK_JAVAC_OPTIONS", "CLASSPATH"]
    {
        command.env_remove(options);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn runs(command: &mut Command) -> bool {
    command.status().is_ok_and(|status| status.success())
}

/// Where users' programs keep what they can make again: XDG Base Directory Specification.
fn cache() -> Option<PathBuf> {
    let path = |name| env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
    let folder = path("XDG_CACHE_HOME").or_else(|| Some(path("HOME")?.join(".cache")))?;
    Some(folder.join("evfuzz"))
}

/// Names this source.
fn key() -> u64 {
    let mut hasher = DefaultHasher::new();
    (SOURCES, MANIFEST, env!("CARGO_PKG_VERSION")).hash(&mut hasher);
    hasher.finish()
}

/// Nobody reads half of it.
fn keep(bytes: &[u8], cached: &Path) -> io::Result<()> {
    fs::create_dir_all(cached.parent().unwrap_or(cached))?;
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let fresh = cached.with_extension(format!("{}-{count}.tmp", std::process::id()));
    fs::write(&fresh, bytes)?;
    fs::rename(&fresh, cached)
}

/// The content of the jar. `None`: this Java has no compiler, or one that refuses the source.
fn build(java: &Path, work: &Path) -> io::Result<Option<Vec<u8>>> {
    let (source, classes) = (work.join("source"), work.join("classes"));
    fs::create_dir_all(&source)?;
    let mut files = Vec::new();
    for (name, text) in SOURCES {
        let path = source.join(name);
        fs::write(&path, text)?;
        files.push(path);
    }
    // Later releases will refuse to compile for Java 8 some day; compiled for themselves it does as well.
    let compiled = [&["--release", "8"][..], &[]].iter().any(|release| {
        let mut javac = quiet(java);
        javac.args(["-m", "jdk.compiler/com.sun.tools.javac.Main"]).args(*release);
        javac.args(["-nowarn", "-Xlint:none", "-proc:none", "-g:none", "-encoding", "UTF-8", "-d"]);
        runs(javac.arg(&classes).args(&files))
    });
    if !compiled {
        return Ok(None);
    }
    let mut entries = vec![("META-INF/MANIFEST.MF".to_owned(), MANIFEST.as_bytes().to_vec())];
    for entry in fs::read_dir(classes.join(PACKAGE))? {
        let entry = entry?;
        entries.push((format!("{PACKAGE}/{}", entry.file_name().to_string_lossy()), fs::read(entry.path())?));
    }
    entries[1..].sort();
    Ok(Some(jar::stored(&entries)))
}
