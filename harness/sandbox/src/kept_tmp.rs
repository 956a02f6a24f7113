//! What outlives a process tree: its `/tmp`, for the next process that takes its place.

use std::{
    os::fd::OwnedFd,
    path::{Path, PathBuf},
};

use crate::{
    error::SandboxError,
    isolation::Barriers,
    spec::{Scratch, Tmp},
};

/// The `/tmp` of a process, for a later one: [`Keeper::spawn_with_tmp`](crate::Keeper::spawn_with_tmp).
///
/// In memory it is the same file system, with its content and the size that it had from the start, whatever the later
/// process has as [`Limits::scratch`](crate::Limits::scratch). Nothing is copied, and a control group counts what was
/// written by its own members only. It lives as long as this or a process that has it: dropping this frees the memory.
/// Where the function writes to the scratch folder of the host, this stands for that folder, which the caller removes
/// as always.
///
/// Three things are the caller's duty: nothing of the earlier process lives any more
/// ([`ProcessEvent::Ended`](crate::ProcessEvent::Ended)), or two trees share the place; the later one is a process of the
/// same keeper, so that it is the same user; and its specification names the same scratch folder, with what the earlier
/// one left there.
#[derive(Debug)]
pub struct KeptTmp {
    /// The file system, attached nowhere. `None`: it is the folder.
    memory: Option<OwnedFd>,
    /// The scratch folder of the process.
    folder: PathBuf,
}

impl KeptTmp {
    /// That of a process with this `scratch`. `memory` is what its warden sent.
    pub(crate) fn of(scratch: &Scratch, barriers: &Barriers, memory: Option<OwnedFd>) -> Option<KeptTmp> {
        let folder = scratch.folder.clone();
        match scratch.tmp {
            Tmp::Memory => None,
            Tmp::KeptMemory if barriers.has_own_files() => Some(KeptTmp { memory: Some(memory?), folder }),
            Tmp::KeptMemory | Tmp::Folder => Some(KeptTmp { memory: None, folder }),
        }
    }

    /// The file system that a process with this `scratch` takes over, if it is one in memory.
    pub(crate) fn given_to(
        self,
        scratch: &Scratch,
        barriers: &Barriers,
    ) -> Result<Option<OwnedFd>, SandboxError> {
        let kept = words(self.memory.is_some(), &self.folder);
        let wanted = words(scratch.in_memory(barriers), &scratch.folder);
        if kept == wanted { Ok(self.memory) } else { Err(SandboxError::OtherTmp { kept, wanted }) }
    }
}

fn words(in_memory: bool, folder: &Path) -> String {
    let place = if in_memory { "in memory, beside" } else { "in" };
    format!("{place} {}", folder.display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isolation::{Namespaces, Processes};

    const OWN: Barriers =
        Barriers { landlock: None, namespaces: Namespaces::User, processes: Processes::Own };
    const HOST: Barriers =
        Barriers { landlock: Some(6), namespaces: Namespaces::Host, processes: Processes::Host };

    fn scratch(tmp: Tmp) -> Scratch {
        Scratch { folder: "/run/scratch".into(), tmp }
    }

    fn memory() -> Option<OwnedFd> {
        Some(rustix::fs::memfd_create("tmp", rustix::fs::MemfdFlags::CLOEXEC).unwrap())
    }

    /// Whether the later process gets memory. `None`: it may not have it.
    fn check(barriers: Barriers, earlier: Tmp, later: Tmp) -> Option<bool> {
        let kept = KeptTmp::of(&scratch(earlier), &barriers, memory()).unwrap();
        match kept.given_to(&scratch(later), &barriers) {
            Ok(given) => Some(given.is_some()),
            Err(SandboxError::OtherTmp { .. }) => None,
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_later_process_gets_what_its_specification_says_or_nothing() {
        use Tmp::{Folder, KeptMemory, Memory};
        for later in [Memory, KeptMemory] {
            assert_eq!(check(OWN, KeptMemory, later), Some(true));
            assert_eq!(check(OWN, Folder, later), None);
        }
        assert_eq!(check(OWN, KeptMemory, Folder), None);
        assert_eq!(check(OWN, Folder, Folder), Some(false));
        for earlier in [KeptMemory, Folder] {
            for later in [Memory, KeptMemory, Folder] {
                assert_eq!(check(HOST, earlier, later), Some(false));
            }
        }
    }

    #[test]
    fn what_ends_with_its_process_is_not_kept_anywhere() {
        assert!(KeptTmp::of(&scratch(Tmp::Memory), &OWN, None).is_none());
        assert!(KeptTmp::of(&scratch(Tmp::Memory), &HOST, None).is_none());
        // The warden has sent nothing: better none than another one.
        assert!(KeptTmp::of(&scratch(Tmp::KeptMemory), &OWN, None).is_none());
    }

    #[test]
    fn another_folder_or_another_world_is_refused() {
        let other = Scratch { folder: "/run/other".into(), tmp: Tmp::KeptMemory };
        for barriers in [OWN, HOST] {
            let kept = KeptTmp::of(&scratch(Tmp::KeptMemory), &barriers, memory()).unwrap();
            let err = kept.given_to(&other, &barriers).unwrap_err().to_string();
            assert!(err.contains("/run/scratch") && err.contains("/run/other"), "{err}");
        }
        let kept = KeptTmp::of(&scratch(Tmp::KeptMemory), &OWN, memory()).unwrap();
        assert!(kept.given_to(&scratch(Tmp::KeptMemory), &HOST).is_err());
    }
}
