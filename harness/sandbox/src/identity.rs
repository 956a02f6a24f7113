//! Who the function is: never root, and where possible a user that owns nothing.
//!
//! An ordinary user can be nobody else. Root becomes an unused uid, so that not even a hole in every other barrier
//! makes the function the machine's master, and a fork bomb is counted apart from everything else.

use std::{
    collections::BTreeSet,
    fs, io,
    os::unix::fs::{MetadataExt, lchown},
    path::Path,
};

use serde::{Deserialize, Serialize};

use crate::isolation::Namespaces;

/// Whom the processes of a keeper run as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Identity {
    /// The caller's own, ordinary user.
    Caller,
    /// A uid, and a gid of the same number, that nobody else has: the caller is root.
    Unused {
        /// The number on the host.
        uid: u32,
    },
    /// The caller is called root but may not change its uid: the only user of a rootless container.
    PowerlessRoot,
}

/// What a function inside Lambda sees: `sbx_user1051` (recorded from an execution environment).
pub(crate) const LAMBDA_UID: u32 = 993;
/// Its group.
pub(crate) const LAMBDA_GID: u32 = 990;

/// systemd.io/UIDS-GIDS, "dynamic": numbers for services without a user of their own. Nobody is given one for good.
const DYNAMIC: std::ops::RangeInclusive<u32> = 61184..=65519;

impl Identity {
    /// Chooses for this process.
    pub(crate) fn choose() -> Identity {
        if !rustix::process::geteuid().is_root() {
            return Identity::Caller;
        }
        if !may_change_uid() {
            return Identity::PowerlessRoot;
        }
        let known = numbers_in_use();
        let usable = |uid: &u32| {
            !known.contains(uid)
                && is_mapped("/proc/self/uid_map", *uid)
                && is_mapped("/proc/self/gid_map", *uid)
        };
        let span = DYNAMIC.end() - DYNAMIC.start() + 1;
        // Runs that go on side by side should not share a uid.
        let first = std::process::id() % span;
        let unused = (0..span).map(|step| DYNAMIC.start() + (first + step) % span).find(usable);
        unused.map_or(Identity::PowerlessRoot, |uid| Identity::Unused { uid })
    }

    /// uid and gid as the function itself sees them.
    pub(crate) fn inside(self, namespaces: Namespaces) -> (u32, u32) {
        if namespaces == Namespaces::User {
            return (LAMBDA_UID, LAMBDA_GID);
        }
        self.outside()
    }

    /// uid and gid on the host.
    pub(crate) fn outside(self) -> (u32, u32) {
        match self {
            Identity::Unused { uid } => (uid, uid),
            Identity::Caller | Identity::PowerlessRoot => {
                (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw())
            }
        }
    }

    /// Lines of `uid_map` and `gid_map` for a user namespace: inside, outside, count (user_namespaces(7)).
    pub(crate) fn maps(self) -> (String, String) {
        let (uid, gid) = self.outside();
        let own = |inside: u32, outside: u32| format!("{inside} {outside} 1\n");
        match self {
            // Root stays mapped: it builds the file system, before it becomes the other one.
            Identity::Unused { .. } => (own(0, 0) + &own(LAMBDA_UID, uid), own(0, 0) + &own(LAMBDA_GID, gid)),
            Identity::Caller | Identity::PowerlessRoot => (own(LAMBDA_UID, uid), own(LAMBDA_GID, gid)),
        }
    }

    /// Whether the process has to change its uid.
    pub(crate) fn changes(self) -> bool {
        matches!(self, Identity::Unused { .. })
    }

    /// Gives the folder `path` to the function, with what functions of earlier runs have left there.
    pub(crate) fn own(self, path: &Path) -> io::Result<()> {
        let Identity::Unused { uid } = self else { return Ok(()) };
        lchown(path, Some(uid), Some(uid))?;
        let mut todo = vec![path.to_owned()];
        while let Some(folder) = todo.pop() {
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                let found = entry.metadata()?;
                // Whoever names a folder of their own as scratch keeps what is theirs.
                if !DYNAMIC.contains(&found.uid()) {
                    continue;
                }
                lchown(entry.path(), Some(uid), Some(uid))?;
                if found.is_dir() {
                    todo.push(entry.path());
                }
            }
        }
        Ok(())
    }

    /// Files for `/etc` in which the function finds itself, as in Lambda, and nobody of this machine.
    pub(crate) fn passwd_and_group(self, namespaces: Namespaces) -> (String, String) {
        let (uid, gid) = self.inside(namespaces);
        (
            format!(
                "root:x:0:0:root:/root:/bin/bash\nsbx_user1051:x:{uid}:{gid}::/home/sbx_user1051:/sbin/nologin\n"
            ),
            format!("root:x:0:\nsbx_user1051:x:{gid}:\n"),
        )
    }
}

/// capabilities(7): both are needed to become somebody else.
fn may_change_uid() -> bool {
    use rustix::thread::CapabilitySet;
    let needed = CapabilitySet::SETUID | CapabilitySet::SETGID;
    rustix::thread::capabilities(None).is_ok_and(|it| it.effective.contains(needed))
}

/// Numbers of `/etc/passwd` and `/etc/group`, and of all running processes.
fn numbers_in_use() -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    for file in ["/etc/passwd", "/etc/group"] {
        let text = fs::read_to_string(file).unwrap_or_default();
        // passwd(5), group(5): name:password:number
        found.extend(text.lines().filter_map(|it| it.split(':').nth(2)?.parse::<u32>().ok()));
    }
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        if entry.file_name().as_encoded_bytes().first().is_some_and(u8::is_ascii_digit)
            && let Ok(process) = entry.metadata()
        {
            found.insert(process.uid());
        }
    }
    found
}

/// Whether `number` exists in the user namespace that we are in: a container may have few.
fn is_mapped(file: &str, number: u32) -> bool {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines().any(|line| {
        let fields: Vec<u64> = line.split_ascii_whitespace().filter_map(|it| it.parse().ok()).collect();
        let [first, _, count] = fields[..] else { return false };
        (first..first + count).contains(&u64::from(number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_function_is_never_root_inside() {
        for identity in [Identity::Caller, Identity::Unused { uid: 61200 }, Identity::PowerlessRoot] {
            assert_eq!(identity.inside(Namespaces::User), (LAMBDA_UID, LAMBDA_GID));
            let (passwd, group) = identity.passwd_and_group(Namespaces::User);
            assert!(passwd.contains("sbx_user1051:x:993:990:") && group.contains(":990:"));
        }
        let unused = Identity::Unused { uid: 61200 };
        assert_eq!(unused.inside(Namespaces::Privileged), (61200, 61200));
        assert_eq!(unused.maps().0, "0 0 1\n993 61200 1\n");
    }

    #[test]
    fn an_unused_number_is_really_unused() {
        if let Identity::Unused { uid } = Identity::choose() {
            assert!(DYNAMIC.contains(&uid) && !numbers_in_use().contains(&uid));
        }
    }
}
