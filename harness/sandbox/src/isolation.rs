//! Which barriers hold, and the line that says so to users.

use std::fmt;

use serde::{Deserialize, Serialize};

pub use crate::identity::Identity;

/// What confines every process of one keeper, and how that was checked.
#[derive(Debug, Clone)]
pub struct Isolation {
    /// The mechanisms in use.
    pub barriers: Barriers,
    /// How execs are seen.
    pub watch: Watch,
    /// Who the function is.
    pub identity: Identity,
    /// Which control groups limit it: "cgroup v2 (memory, pids)", or "none".
    pub control_groups: String,
    /// What the probe tried from inside, and what came of it.
    pub promises: Vec<Promise>,
    /// Mechanisms that are missing here, and why.
    pub notes: Vec<String>,
}

/// The mechanisms that confine. seccomp, dropped capabilities and limits are always in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Barriers {
    /// The Landlock ABI of the kernel, if Landlock is used.
    pub landlock: Option<u32>,
    /// The namespaces.
    pub namespaces: Namespaces,
    /// Whether it sees other processes than its own.
    pub processes: Processes,
}

/// Which processes a function can see and name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Processes {
    /// Its own: it has a pid namespace with a small init.
    Own,
    /// All of the host, as far as the kernel lets its user.
    Host,
}

/// Which namespaces a function has of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Namespaces {
    /// None: it shares the host's.
    Host,
    /// user, mount, net, ipc, uts, and pid where possible.
    User,
    /// The same without user: for root where user namespaces are forbidden.
    Privileged,
}

/// How execs are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Watch {
    /// seccomp user notification.
    UserNotification,
    /// ptrace with seccomp stops.
    Ptrace,
    /// Not at all.
    Off,
}

/// One promise of the sandbox and whether it was kept when the probe tried to break it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// The promise in words.
    pub name: &'static str,
    /// The result.
    pub state: PromiseState,
    /// What was tried and what the system answered.
    pub detail: String,
}

/// What came of trying to break a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromiseState {
    /// The attempt failed as it must.
    Held,
    /// The attempt succeeded.
    Violated,
    /// Nothing in use here makes this promise.
    NotApplicable,
}

/// Landlock rules cover TCP from ABI 4 on (Linux 6.7).
pub(crate) const LANDLOCK_WITH_TCP: u32 = 4;
/// Landlock scopes cover signals from ABI 6 on (Linux 6.12).
pub(crate) const LANDLOCK_WITH_SIGNAL_SCOPE: u32 = 6;

impl Barriers {
    /// Whether the function is kept from the host's files and network.
    pub(crate) fn are_strong(&self) -> bool {
        self.has_own_files() || self.landlock.is_some_and(|abi| abi >= LANDLOCK_WITH_TCP)
    }

    /// Whether the function has a file system (with `/tmp`) and a network of its own.
    pub fn has_own_files(&self) -> bool {
        self.namespaces != Namespaces::Host
    }

    /// Whether the kernel would let the function signal processes of the same user outside its own tree.
    ///
    /// Then the warden decides on every signal. A user namespace alone does not help: kill(2) compares users.
    pub(crate) fn let_signals_out(&self) -> bool {
        self.processes == Processes::Host && self.landlock.is_none_or(|abi| abi < LANDLOCK_WITH_SIGNAL_SCOPE)
    }

    /// The highest layer of confinement that is complete: 0 process attributes and limits, 1 barriers for files and
    /// network, 2 a world of its own.
    pub fn layer(&self) -> u8 {
        match (self.has_own_files(), self.are_strong()) {
            (true, _) => 2,
            (false, true) => 1,
            (false, false) => 0,
        }
    }
}

impl fmt::Display for Isolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "layer {}: ", self.barriers.layer())?;
        if let Some(abi) = self.barriers.landlock {
            write!(f, "landlock(ABI {abi}) + ")?;
        }
        let user = match self.barriers.namespaces {
            Namespaces::Host => None,
            Namespaces::User => Some("user,"),
            Namespaces::Privileged => Some(""),
        };
        let pid = match self.barriers.processes {
            Processes::Own => "pid,",
            Processes::Host => "",
        };
        if let Some(user) = user {
            write!(f, "namespaces({user}{pid}mount,net,ipc,uts) + ")?;
        }
        write!(f, "seccomp, limits: {}, exec watch: {}", self.control_groups, self.watch)?;
        match self.identity {
            Identity::Caller => Ok(()),
            // Not its number: what a run prints should repeat itself.
            Identity::Unused { .. } => f.write_str(", functions run as an unused user"),
            Identity::PowerlessRoot => f.write_str(", functions keep uid 0 (this root may not change it)"),
        }
    }
}

impl fmt::Display for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Watch::UserNotification => "user notification",
            Watch::Ptrace => "ptrace",
            Watch::Off => "off",
        })
    }
}
