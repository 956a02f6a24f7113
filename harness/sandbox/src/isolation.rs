//! Which barriers hold, and the line that says so to users.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What confines every process of one keeper, and how that was checked.
#[derive(Debug, Clone)]
pub struct Isolation {
    /// The mechanisms in use.
    pub barriers: Barriers,
    /// How execs are seen.
    pub watch: Watch,
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
}

/// Which namespaces a function has of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Namespaces {
    /// None: it shares the host's.
    Host,
    /// user, mount, net, ipc, uts.
    User,
    /// mount, net, ipc, uts: for root where user namespaces are forbidden.
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
        self.has_namespaces() || self.landlock.is_some_and(|abi| abi >= LANDLOCK_WITH_TCP)
    }

    /// Whether the kernel would let the function signal processes of the same user outside its own tree.
    ///
    /// Then the warden decides on every signal. A user namespace alone does not help: kill(2) compares users.
    pub(crate) fn let_signals_out(&self) -> bool {
        self.landlock.is_none_or(|abi| abi < LANDLOCK_WITH_SIGNAL_SCOPE)
    }

    /// Whether the function has a file system and a network of its own.
    pub(crate) fn has_namespaces(&self) -> bool {
        self.namespaces != Namespaces::Host
    }
}

impl fmt::Display for Isolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "layer {}: ", u8::from(self.barriers.are_strong()))?;
        if let Some(abi) = self.barriers.landlock {
            write!(f, "landlock(ABI {abi}) + ")?;
        }
        match self.barriers.namespaces {
            Namespaces::Host => {}
            Namespaces::User => f.write_str("namespaces(user,mount,net,ipc,uts) + ")?,
            Namespaces::Privileged => f.write_str("namespaces(mount,net,ipc,uts) + ")?,
        }
        write!(f, "seccomp, exec watch: {}", self.watch)
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
