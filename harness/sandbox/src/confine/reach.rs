//! Whether the function's user can reach what it needs, asked before it fails in a way that nobody understands.
//!
//! Runs as the function's user: root becomes an unused uid, for which a private home is closed.

use std::{os::unix::fs::PermissionsExt, path::Path};

use rustix::{
    fs::{Access, access},
    io::Errno,
};

use super::Inside;
use crate::error::{Failure, Stage};

/// Looks at the program, its directory and every piece that it was promised.
pub(super) fn check(inside: &Inside<'_>) -> Result<(), Failure> {
    let spec = inside.spec;
    for piece in spec.read.iter().chain(&spec.canaries) {
        let place = piece.place(&inside.barriers);
        if access(place, Access::READ_OK) == Err(Errno::ACCESS) {
            // People know it by the name that it has outside.
            return Err(if place == piece.source { unreachable(place) } else { unreadable(&piece.source) });
        }
    }
    let all = [inside.scratch(), spec.cwd.as_path()].into_iter().map(|it| (it, Access::READ_OK));
    // A file that nobody may execute is no program, which `execve` tells.
    let executable = spec.program.metadata().map_or(true, |it| it.permissions().mode() & 0o111 != 0);
    let program = executable.then_some((spec.program.as_path(), Access::EXEC_OK));
    for (path, wanted) in all.chain(program) {
        // What does not exist is somebody else's message.
        if access(path, wanted) == Err(Errno::ACCESS) {
            return Err(unreachable(path));
        }
    }
    Ok(())
}

/// Names the first part of the way to `path` that is closed. A link is followed to where it ends; a loop of links is
/// no EACCES.
fn unreachable(path: &Path) -> Failure {
    let mut way: Vec<&Path> = path.ancestors().collect();
    way.reverse();
    let closed = way.into_iter().find(|it| access(*it, Access::EXISTS) == Err(Errno::ACCESS));
    if let Some(target) = closed.and_then(|it| Some(it.parent()?.join(it.read_link().ok()?))) {
        return unreachable(&target);
    }
    match closed.and_then(Path::parent) {
        Some(folder) => {
            failure(format!("its user may not enter {}, on the way to {}", folder.display(), path.display()))
        }
        None => unreadable(path),
    }
}

fn unreadable(path: &Path) -> Failure {
    failure(format!("its user may not read {}", path.display()))
}

fn failure(detail: String) -> Failure {
    Failure { stage: Stage::Reach, errno: libc::EACCES, detail }
}
