//! Whether the function's user may read the file with the handler: what its runtime says otherwise names no reason that a
//! developer knows, who can read the file.
//!
//! The sandbox looks at what it shows, which is the folder as a whole.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use evfuzz_engine::Session;
use evfuzz_sandbox::{Identity, SandboxError};

/// Fails as the sandbox does for the folder if the file, or a folder on the way to it, is closed.
pub(super) fn check(session: &Session, file: &Path) -> Result<(), SandboxError> {
    let root = &session.target().root;
    let identity = session.isolation().identity;
    let closed = |path: &Path, bit: u32| {
        // What cannot be looked at is somebody else's message.
        path.metadata().is_ok_and(|it| !is_open(identity, &it, bit))
    };
    let folders = file.ancestors().skip(1).take_while(|it| *it != root && it.starts_with(root));
    let detail = match folders.filter(|it| closed(it, ENTER)).last() {
        Some(folder) => {
            format!("its user may not enter {}, on the way to {}", folder.display(), file.display())
        }
        None if closed(file, READ) => format!("its user may not read {}", file.display()),
        None => return Ok(()),
    };
    Err(SandboxError::Unreadable { detail })
}

/// The bits of others: inode(7).
const READ: u32 = 0o4;
const ENTER: u32 = 0o1;

fn is_open(identity: Identity, metadata: &Metadata, bit: u32) -> bool {
    let bits = match identity {
        // As evfuzz itself, which has read it.
        Identity::Caller => return true,
        // It owns nothing and is in no group.
        Identity::Unused { .. } => metadata.mode(),
        Identity::PowerlessRoot if metadata.uid() == 0 => metadata.mode() >> 6,
        Identity::PowerlessRoot if metadata.gid() == 0 => metadata.mode() >> 3,
        Identity::PowerlessRoot => metadata.mode(),
    };
    bits & bit != 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn bits_count_as_for_the_user_that_the_function_runs_as() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let open = |mode: u32, identity| {
            std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).unwrap();
            is_open(identity, &file.path().metadata().unwrap(), READ)
        };
        assert!(!open(0o600, Identity::Unused { uid: 1 }) && !open(0o660, Identity::Unused { uid: 1 }));
        assert!(open(0o604, Identity::Unused { uid: 1 }));
        assert!(open(0o600, Identity::Caller));
    }
}
