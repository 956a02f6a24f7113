//! How a Java virtual machine is started for a function.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

use crate::{Unpack, Version, jar::Jar, official::ClientPart};

mod locate;

pub(crate) use locate::{
    JavaCode, class_files, has_class, has_classes, is_handler, locate, locate_jar, own_classes,
};

/// The entry of the official client (`AWSLambda.java`).
const MAIN: &str = "com.amazonaws.services.lambda.runtime.api.client.AWSLambda";

/// Arguments of `java` for this code, behind the jars of the client: AWSLambda.java gives its own classes to the loader of
/// the system, which a function's classes cannot replace.
///
/// The flags are those of the managed runtimes (command lines of java17 of 2023 and 2024, recorded in
/// sigpwned/the-lambda-iceberg-dissecting-the-official-java-runtimes and the layers made with it), but for their archive of
/// prepared classes and their Log4j patch, which only their images have.
pub(crate) fn arguments(
    version: Version,
    client: &[PathBuf],
    code: &[PathBuf],
    native: Option<&Path>,
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
    if let Some(native) = native {
        let mut property = OsString::from("-D");
        property.push(NATIVE_PROPERTY);
        property.push("=");
        property.push(native);
        arguments.push(property);
    }
    let class_path: Vec<&OsStr> = client.iter().chain(code).map(|it| it.as_os_str()).collect();
    arguments.extend(["-classpath".into(), class_path.join(OsStr::new(":"))]);
    arguments.extend([MAIN.into(), handler.into()]);
    arguments
}

/// The limit of the heap for a function with so much memory: 85 %, rounded up. Recorded as above: 445,645 KB of 512 MB.
pub(crate) fn heap_limit(memory_mb: u64) -> OsString {
    format!("-XX:MaxHeapSize={}k", (memory_mb * 1024 * 85).div_ceil(100)).into()
}

/// What tells the client where its library is (`JniHelper.java`). Without it, it is unpacked to `/tmp`, where it does not
/// lie in the managed runtimes, and which is closed to a function without a file system of its own.
const NATIVE_PROPERTY: &str = "com.amazonaws.services.lambda.runtime.api.client.runtimeapi.NativeClient.JNI";

/// The client's library in C++, taken out of its jar.
pub(crate) struct Native {
    pub(crate) part: ClientPart,
    pub(crate) unpack: Unpack,
}

/// The library for this machine in `jar`, to be unpacked below `support`; `None` leaves it to the client.
pub(crate) fn native(jar: &Path, support: &Path) -> Option<Native> {
    let file = native_name()?;
    let holds = Jar::open(jar).is_ok_and(|it| it.names().any(|name| name == file));
    holds.then(|| Native {
        // Recorded as above: /var/runtime/lib/jni.
        part: ClientPart { lies: support.join(&file), shows: Path::new("lib").join(&file) },
        unpack: Unpack { archive: jar.to_owned(), file: Some(file), to: support.to_owned() },
    })
}

/// Names as in `JniHelper.java`. `None` for processors without one, and where musl takes the place of glibc.
fn native_name() -> Option<String> {
    let (processor, loader) = match std::env::consts::ARCH {
        "x86_64" => ("x86_64", "/lib64/ld-linux-x86-64.so.2"),
        "aarch64" => ("aarch_64", "/lib/ld-linux-aarch64.so.1"),
        _ => return None,
    };
    Path::new(loader).exists().then(|| format!("jni/libaws-lambda-jni.linux-{processor}.so"))
}

#[cfg(test)]
mod tests;
