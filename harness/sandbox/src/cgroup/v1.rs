//! Control groups version 1: one hierarchy per controller, limits in the files of `memory` and `pids`.
//!
//! Files and meanings: Documentation/admin-guide/cgroup-v1/{memory,pids,cpuacct}.rst.

use std::{io, path::Path};

use super::tree::{Tree, field, set, set_if_there};

/// Limits memory and swap together, so that a function does not live on in swap.
pub(super) fn limit_memory(tree: &dyn Tree, dir: &Path, bytes: u64) -> io::Result<()> {
    let text = bytes.to_string();
    // In this order: the kernel refuses a limit of both that is below the one of memory.
    set(tree, &dir.join("memory.limit_in_bytes"), &text)?;
    let both = dir.join("memory.memsw.limit_in_bytes");
    if both.exists() {
        set(tree, &both, &text)?;
    } else {
        // Swap accounting is off (swapaccount=0). memory.rst: with 0 the group's memory is never swapped out.
        set_if_there(tree, &dir.join("memory.swappiness"), "0")?;
    }
    let control = dir.join("memory.oom_control");
    // Inherited from the parent; members would hang instead of being killed.
    if field(&control, "oom_kill_disable") == Some(1) {
        tree.write(&control, "0")?;
        if field(&control, "oom_kill_disable") != Some(0) {
            return Err(io::Error::other(format!("{}: killing stays disabled", control.display())));
        }
    }
    Ok(())
}

/// Limits processes and threads.
pub(super) fn limit_tasks(tree: &dyn Tree, dir: &Path, tasks: u64) -> io::Result<()> {
    set(tree, &dir.join("pids.max"), &tasks.to_string())
}
