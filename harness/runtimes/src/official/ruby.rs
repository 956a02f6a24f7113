//! The gem `aws_lambda_ric`, the official Ruby client.

use std::path::{Path, PathBuf};

use super::ClientPart;
use crate::RuntimeError;

const NAME: &str = "aws_lambda_ric";

/// Finds the gem's library: `installed` is where the interpreter `program` knows the gem.
pub(crate) fn ruby(
    program: &Path,
    installed: Option<PathBuf>,
    dirs: &[PathBuf],
) -> Result<ClientPart, RuntimeError> {
    // What `gem unpack --target` was told, or the gem's own folder.
    let given = dirs.iter().flat_map(|dir| {
        let unpacked = std::fs::read_dir(dir).into_iter().flatten().flatten();
        let unpacked = unpacked
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(&format!("{NAME}-")))
            .map(|entry| entry.path());
        std::iter::once(dir.clone()).chain(unpacked.max())
    });
    let libraries = installed.iter().cloned().chain(given).map(|dir| dir.join("lib"));
    match libraries.into_iter().find(|lib| lib.join(format!("{NAME}.rb")).is_file()) {
        // AWS-recorded `RUBYLIB`: /var/runtime/gems/aws_lambda_ric-3.1.3/lib.
        Some(lib) => ClientPart::new(&lib, format!("gems/{}/lib", gem_name(&lib))),
        None => Err(RuntimeError::ClientMissing {
            client: NAME,
            searched: std::iter::once(program.to_owned()).chain(dirs.iter().cloned()).collect(),
            fix: format!(
                "gem install {NAME}, or gem fetch {NAME} and gem unpack {NAME}-VERSION.gem --target DIR, then pass --client-dir DIR"
            ),
        }),
    }
}

/// Name and version, as its `version.rb` says: `VERSION = '3.1.3'`.
fn gem_name(lib: &Path) -> String {
    let text = std::fs::read_to_string(lib.join(NAME).join("version.rb")).unwrap_or_default();
    let quoted = text.split_once("VERSION").map_or("", |(_, rest)| rest).split(['\'', '"']).nth(1);
    let version =
        quoted.filter(|it| !it.is_empty() && it.chars().all(|c| c.is_ascii_alphanumeric() || c == '.'));
    version.map_or_else(|| NAME.to_owned(), |version| format!("{NAME}-{version}"))
}
