//! Messages between caller, keeper and warden.
//!
//! Both ends are the same binary, so the encoding carries no version.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{
    cgroup::CgroupHost,
    confine::SystemBase,
    error::Failure,
    event::ProcessEvent,
    identity::Identity,
    isolation::{Barriers, Watch},
    spec::ProcessSpec,
};

/// Caller → keeper: start this. Travels in a memfd, together with what [`Handed`](crate::descriptors::Handed) lists.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) spec: ProcessSpec,
    pub(crate) barriers: Barriers,
    pub(crate) watch: Watch,
    pub(crate) identity: Identity,
    pub(crate) cgroups: CgroupHost,
    pub(crate) base: SystemBase,
    /// An empty directory on which each function's root is mounted, in its own mount namespace.
    pub(crate) mount_point: PathBuf,
}

impl Order {
    /// What the function may read and execute where Landlock alone confines it.
    pub(crate) fn granted(&self) -> Vec<PathBuf> {
        let own = self.spec.read.iter().chain(&self.spec.canaries).map(|it| it.source.as_path());
        self.base
            .readable()
            .chain(own)
            .chain([self.spec.scratch.folder.as_path()])
            .map(Path::to_owned)
            .collect()
    }
}

/// Warden → caller.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum FromWarden {
    /// The program runs. The service listener travels along, if there is a port, and then a `/tmp` that can be kept.
    Started { pid: u32, port: u16 },
    /// The program does not run.
    Failed(Failure),
    /// Something happened.
    Event(ProcessEvent),
}

/// Caller → warden: kill everything below you.
pub(crate) const KILL: u8 = b'K';
/// Caller → warden: how many descendants live?
pub(crate) const COUNT: u8 = b'D';

/// Caller → warden: what does the tree use?
pub(crate) const USAGE: u8 = b'U';
/// Caller → warden: what lies in scratch?
pub(crate) const FILES: u8 = b'F';
/// Caller → keeper: the last message. A socket that closes without it says that the caller has died.
pub(crate) const GOODBYE: u8 = b'G';

/// Largest message: an exec record at its caps, with every byte escaped by JSON.
pub(crate) const MAX_MESSAGE: usize = 512 * 1024;
