//! What tests need from a registry: fetched by its ordinary client into `target/fetched`, once.
//!
//! A thing is known by its name and its recipe (versions, flags, sources): another recipe makes it
//! anew. It is made in a folder beside and renamed when it is complete, under a lock, so that test
//! processes which run at the same time make it once and nobody finds half of it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::root;

/// The folder with `name`, made by `make` in a place of its own if it is not there or was made by another `recipe`.
///
/// # Errors
///
/// What `make` said: which tool is missing, or how it failed.
pub(crate) fn cached(
    name: &str,
    recipe: &str,
    make: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<PathBuf, String> {
    let store = root().join("target/fetched");
    let failed = |what: &str, error: std::io::Error| format!("{what} {}: {error}", store.display());
    fs::create_dir_all(&store).map_err(|error| failed("cannot make", error))?;
    let lock =
        File::create(store.join(format!("{name}.lock"))).map_err(|error| failed("cannot lock in", error))?;
    lock.lock().map_err(|error| failed("cannot lock in", error))?;
    let folder = store.join(name);
    let stamp = store.join(format!("{name}.recipe"));
    if fs::read_to_string(&stamp).is_ok_and(|known| known == recipe) && folder.is_dir() {
        return Ok(folder);
    }
    let fresh = store.join(format!("{name}.new"));
    for old in [&fresh, &folder] {
        match fs::remove_dir_all(old) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(failed("cannot clear", error));
            }
            _ => {}
        }
    }
    fs::create_dir(&fresh).map_err(|error| failed("cannot make", error))?;
    make(&fresh)?;
    fs::rename(&fresh, &folder).map_err(|error| failed("cannot rename in", error))?;
    fs::write(&stamp, recipe).map_err(|error| failed("cannot write in", error))?;
    Ok(folder)
}

/// Runs a tool to its end. An error names it and shows the end of what it printed.
pub(crate) fn run(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{name} is needed and cannot be started: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let lines: Vec<&str> = said.lines().collect();
    let end = lines[lines.len().saturating_sub(15)..].join("\n");
    Err(format!("{command:?}: {}\n{end}", output.status))
}

/// `PATH` with `folder` in front: what was fetched is found before what the machine has.
pub(crate) fn before_path(folder: &Path) -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path));
    std::env::join_paths(folders).unwrap()
}

/// The release of the SAM CLI whose wheel holds the emulator of AWS.
const AWS_SAM_CLI: &str = "1.170.0";

/// The binary of the emulator of AWS for this machine.
///
/// # Errors
///
/// What pip or Python said.
pub(crate) fn aws_emulator() -> Result<PathBuf, String> {
    let arch = match std::env::consts::ARCH {
        "aarch64" => "arm64",
        other => other,
    };
    let name = format!("aws-lambda-rie-{arch}");
    let folder = cached("aws-sam-cli", &format!("{AWS_SAM_CLI} {name}"), |folder| {
        run(Command::new("python3")
            .args(["-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check", "-d"])
            .arg(folder)
            .arg(format!("aws-sam-cli=={AWS_SAM_CLI}")))?;
        let unpack = "import sys, glob, zipfile, os\n\
                      folder, name = sys.argv[1:]\n\
                      wheel = glob.glob(folder + '/*.whl')[0]\n\
                      with zipfile.ZipFile(wheel) as it:\n    \
                          data = it.read('samcli/local/rapid/' + name)\n\
                      open(folder + '/' + name, 'wb').write(data)\n\
                      os.chmod(folder + '/' + name, 0o755)\n\
                      os.remove(wheel)\n";
        run(Command::new("python3").arg("-c").arg(unpack).arg(folder).arg(&name)).map(drop)
    })?;
    Ok(folder.join(name))
}
