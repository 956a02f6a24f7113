//! Control groups version 2: one hierarchy, in which a parent says which controllers its children have.
//!
//! Files and meanings: Documentation/admin-guide/cgroup-v2.rst.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    Controller,
    refusal::Refusal,
    tree::{Tree, set, set_if_there},
};

/// Whether groups below `dir` can have a controller, enabling it if need be.
///
/// Only our own group is changed: enabling a controller in a parent would concern others and outlive us.
pub(super) fn offers(tree: &dyn Tree, dir: &Path, owner: Owner, controller: Controller) -> Offer {
    let enabled = dir.join("cgroup.subtree_control");
    if is_in(&enabled, controller) {
        return Offer::Yes;
    }
    if !is_in(&dir.join("cgroup.controllers"), controller) {
        return Offer::Unknown;
    }
    if owner == Owner::Others {
        return Offer::Refused(Refusal::NotOffered(dir.to_owned()));
    }
    // "No Internal Process Constraint": a group that has processes cannot do this, unless it is the root (EBUSY).
    match tree.write(&enabled, &format!("+{}", controller.v2_name())) {
        Ok(()) if is_in(&enabled, controller) => Offer::Yes,
        Ok(()) => Offer::Refused(Refusal::NotOffered(dir.to_owned())),
        Err(err) => Offer::Refused(Refusal::enabling(dir, &err)),
    }
}

/// What a group says of a controller for its children.
pub(super) enum Offer {
    Yes,
    Refused(Refusal),
    /// The group has not got the controller itself.
    Unknown,
}

/// Whether a place is the group that we are in, or one above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Ours,
    Others,
}

/// Where a group of a function may be made: below our own group, else beside it, or further up.
///
/// "Delegation Containment": a process is moved by one who may write `cgroup.procs` of the target and of the common ancestor.
/// Every place is above us, so the place itself is that ancestor.
/// Beside or above our own group its limits do not hold for the function; those of the places above do.
pub(super) fn candidates(own: &Path, top: &Path) -> Vec<(PathBuf, Owner)> {
    let above = own.ancestors().skip(1).take_while(|it| it.starts_with(top));
    [(own.to_owned(), Owner::Ours)]
        .into_iter()
        .chain(above.map(|it| (it.to_owned(), Owner::Others)))
        .collect()
}

fn is_in(list: &Path, controller: Controller) -> bool {
    let text = fs::read_to_string(list).unwrap_or_default();
    text.split_ascii_whitespace().any(|it| it == controller.v2_name())
}

/// Limits memory, forbids swap, and has the whole function killed when it is out of memory.
pub(super) fn limit_memory(tree: &dyn Tree, dir: &Path, bytes: u64) -> io::Result<()> {
    set(tree, &dir.join("memory.max"), &bytes.to_string())?;
    // Not there if the kernel has no swap.
    set_if_there(tree, &dir.join("memory.swap.max"), "0")?;
    // "memory.oom.group" (Linux 4.19): all members die together, as all of a Lambda environment does.
    set_if_there(tree, &dir.join("memory.oom.group"), "1")
}

/// Limits processes and threads.
pub(super) fn limit_tasks(tree: &dyn Tree, dir: &Path, tasks: u64) -> io::Result<()> {
    set(tree, &dir.join("pids.max"), &tasks.to_string())
}
