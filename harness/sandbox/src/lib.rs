//! Starts one confined process tree, reports what it does, ends it completely.
//!
//! Three processes share the work, so that no crash of ours leaves anything behind:
//!
//! ```text
//! caller ──control socket──▶ keeper (the caller's binary re-executed, one thread, subreaper)
//!                              └─fork─▶ warden (one per function: confines, watches, reaps, kills)
//!                                         └─fork─▶ function
//! caller ◀──────── one SOCK_SEQPACKET socket per function ────────▶ warden
//! ```
//!
//! The caller holds sockets only.
//! When one closes, by `drop` or because the caller was killed, the warden at its other end kills everything below it.
//! This crate knows nothing of Lambda or of fuzzing, except that a *canary* is a harmless command whose run is evidence.
//!
//! All unsafe code of the workspace lives here; each block says why it is sound.
#![cfg(target_os = "linux")]

mod canary;
mod cgroup;
mod check;
mod confine;
mod descriptors;
pub mod doctor;
mod error;
mod event;
mod folder_watch;
mod handle;
mod identity;
mod isolation;
mod keeper;
mod kept_tmp;
mod limit;
mod probe;
mod process;
mod procfs;
mod program;
mod sock;
mod spec;
mod stdout;
mod sys;
#[cfg(test)]
mod test_child;
mod usage;
mod warden;
mod wire;

pub use crate::{
    canary::CanaryPool,
    error::{SandboxError, Stage},
    event::{
        Address, Ancestor, BindRecord, CanaryRan, ConnectRecord, Contact, DnsRecord, ExecRecord, ExitInfo,
        ExitStatus, Fidelity, FileKind, Intent, LeftFile, LeftFiles, Lookup, OpenRecord, ProcessEvent, Usage,
    },
    folder_watch::{FolderAct, FolderEntry, FolderEvent, FolderWatch},
    handle::Keeper,
    isolation::{Barriers, Identity, Isolation, Namespaces, Processes, Promise, PromiseState, Watch},
    keeper::keeper_main,
    kept_tmp::KeptTmp,
    limit::Exceeded,
    process::{LogEnd, LogRead, Process, Told},
    program::Fault,
    spec::{
        BarrierWish, IsolationWish, KeeperProgram, Limits, Observe, Observed, ObserverEnd, OnWeak, PathMark,
        Piece, ProcessSpec, RecordsFd, Scratch, Tmp, WatchWish,
    },
    stdout::stdout_was_closed,
};
