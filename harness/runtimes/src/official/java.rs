//! The official Java client: the jars that the managed runtimes have in `/var/runtime/lib`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::ClientPart;
use crate::{RuntimeError, Version};

/// One jar of the client.
struct Part {
    /// Maven group, as the folder in its repository.
    group: &'static str,
    name: &'static str,
    /// A class of it, by which it is recognised inside a larger jar.
    class: &'static str,
    needed: Needed,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Needed {
    Always,
    Sometimes,
}

const CLIENT: &str = "aws-lambda-java-runtime-interface-client";

const PARTS: [Part; 4] = [
    Part {
        group: "com/amazonaws",
        name: CLIENT,
        class: "com/amazonaws/services/lambda/runtime/api/client/AWSLambda.class",
        needed: Needed::Always,
    },
    Part {
        group: "com/amazonaws",
        name: "aws-lambda-java-core",
        class: "com/amazonaws/services/lambda/runtime/LambdaRuntime.class",
        needed: Needed::Always,
    },
    Part {
        group: "com/amazonaws",
        name: "aws-lambda-java-serialization",
        class: "com/amazonaws/services/lambda/runtime/serialization/PojoSerializer.class",
        needed: Needed::Always,
    },
    // pom.xml of client 2.10: `SdkInternalThreadLocal`.
    Part {
        group: "software/amazon/awssdk",
        name: "utils-lite",
        class: "software/amazon/awssdk/utilslite/SdkInternalThreadLocal.class",
        needed: Needed::Sometimes,
    },
];

/// The official Java client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JavaClient {
    /// What belongs on the class path, the client itself first.
    pub(crate) jars: Vec<ClientJar>,
    /// Whether the client itself is in the function's jar instead.
    pub(crate) packed: Packed,
}

/// Whether something is in the function's jar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packed {
    /// It is.
    Yes,
    /// It is not.
    No,
}

/// A jar on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClientJar {
    /// Where it is on the class path, as paths of this machine.
    pub(crate) path: PathBuf,
    /// The same as a part to be shown, if it is not the function's own.
    pub(crate) part: Option<ClientPart>,
}

/// Finds the jars of the Java client: beside the function's own or in its jar, which holds files of these `names`, in `dirs`,
/// in Maven's local repository below `home`. What is below `shown` is seen by the function as it is; the rest has to be shown
/// to it.
///
/// The function's own client is preferred, so that it is tested with what it is deployed with. The other parts are the newest
/// that are found: functions bring along an older `aws-lambda-java-core`, to compile against, that the client's replaces in
/// the managed runtimes too.
pub(crate) fn java(
    root: &Path,
    shown: Option<&Path>,
    names: &[String],
    dirs: &[PathBuf],
    home: Option<&Path>,
) -> Result<JavaClient, RuntimeError> {
    let mut beside = vec![root.to_owned()];
    beside.extend(["lib", "target/lib", "target/dependency"].map(|it| root.join(it)));
    let given: Vec<PathBuf> = dirs.iter().flat_map(|dir| [dir.clone(), dir.join("lib")]).collect();
    let repository = home.map(|home| home.join(".m2/repository"));
    let packed = |part: &Part| names.iter().any(|it| it == part.class);
    let mut found = JavaClient { jars: Vec::new(), packed: Packed::No };
    for part in &PARTS {
        if part.name == CLIENT && packed(part) {
            found.packed = Packed::Yes;
            continue;
        }
        let places: [Vec<PathBuf>; 3] = [
            beside.clone(),
            given.clone(),
            repository.iter().flat_map(|it| versions(&it.join(part.group).join(part.name))).collect(),
        ];
        let places = places.map(|dirs| dirs.iter().filter_map(|dir| newest(dir, part.name)).max());
        let best = if part.name == CLIENT {
            places.into_iter().flatten().next()
        } else {
            places.into_iter().flatten().max()
        };
        match best {
            Some((_, path)) => found.jars.push(as_part(shown, path)?),
            None if part.needed == Needed::Sometimes || packed(part) => {}
            None => {
                return Err(RuntimeError::ClientMissing {
                    client: part.name,
                    searched: beside.iter().chain(&given).cloned().chain(repository).collect(),
                    fix: format!(
                        "mvn dependency:get -Dartifact=com.amazonaws:{CLIENT}:2.10.1 puts it there with what it needs; \
                         or copy the jars to DIR and pass --client-dir DIR"
                    ),
                });
            }
        }
    }
    Ok(found)
}

fn as_part(shown: Option<&Path>, path: PathBuf) -> Result<ClientJar, RuntimeError> {
    if shown.is_some_and(|root| path.starts_with(root)) {
        return Ok(ClientJar { path, part: None });
    }
    let shows = Path::new("lib").join(path.file_name().unwrap_or_default());
    let part = ClientPart::new(&path, shows)?;
    Ok(ClientJar { path: part.lies.clone(), part: Some(part) })
}

/// The newest `name-1.2.3.jar` in `dir`.
fn newest(dir: &Path, name: &str) -> Option<(Version, PathBuf)> {
    let jars = fs::read_dir(dir).ok()?.flatten().filter_map(|entry| {
        let file = entry.file_name().to_string_lossy().into_owned();
        let version = file.strip_prefix(name)?.strip_prefix('-')?.strip_suffix(".jar")?;
        // `name-1.2.3-linux-x86_64.jar` and the like are parts of another form of it.
        Some((version.parse().ok().filter(|_| !version.contains('-'))?, entry.path()))
    });
    jars.max()
}

/// Folders of all versions below `dir`.
fn versions(dir: &Path) -> Vec<PathBuf> {
    fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}
