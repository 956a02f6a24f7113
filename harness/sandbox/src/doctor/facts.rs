//! What this machine says about itself, as far as it bears on confinement.
//!
//! Nothing is decided here, and nothing that cannot be read is guessed: it is absent.
//! Files are read below a given root, so that tests can show other machines; what must be asked of the kernel is passed in.

mod machine;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Serialize;

use self::machine::{Machine, execution, proc_covers, version, wsl};
use crate::confine;

/// Facts about the machine, and about this process on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facts {
    /// The kernel.
    pub kernel: Kernel,
    /// The distribution.
    pub system: System,
    /// Whether this is Linux on Windows.
    pub wsl: Wsl,
    /// The container that we are in.
    pub container: Option<Container>,
    /// The continuous integration service that we run on.
    pub ci: Option<Ci>,
    /// What the kernel says about Landlock.
    pub landlock: Landlock,
    /// The security modules in their order, `/sys/kernel/security/lsm`. Often absent in containers and on WSL2.
    pub security_modules: Option<String>,
    /// Settings that limit namespaces and tracing.
    pub settings: Settings,
    /// This process, whose restrictions all others inherit.
    pub process: ProcessFacts,
    /// What covers parts of `/proc`. While anything does, a user namespace gets no `/proc` of its own.
    pub proc_covers: Vec<PathBuf>,
    /// The folder for temporary files, where the canaries lie that functions execute.
    pub tmp: Tmp,
    /// What was found out about control groups.
    pub cgroups: Cgroups,
}

/// The kernel's release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kernel {
    /// As `uname -r` says it.
    pub release: String,
    /// Major and minor number; zeroes if the release does not begin with them.
    pub version: (u32, u32),
}

/// The distribution, os-release(5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct System {
    /// Its name and version, for people.
    pub name: Option<String>,
    /// How its boot loader is configured.
    pub family: Family,
}

/// Distributions that share their tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Debian, Ubuntu and what is made from them.
    Debian,
    /// Fedora, RHEL and what is made from them.
    Fedora,
    /// Everything else.
    Other,
}

/// Linux on Windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wsl {
    /// No.
    No,
    /// System calls are translated; there is no Linux kernel.
    One,
    /// A Linux kernel in a virtual machine.
    Two,
}

/// Who put us into a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Container {
    /// Docker.
    Docker,
    /// Podman.
    Podman,
    /// A pod of Kubernetes.
    Kubernetes,
    /// Something else, by the name it gives itself.
    Other(String),
}

/// A continuous integration service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ci {
    /// GitHub Actions.
    GithubActions,
}

/// The answer to `landlock_create_ruleset(…, LANDLOCK_CREATE_RULESET_VERSION)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Landlock {
    /// It is there, in this version.
    Abi(u32),
    /// ENOSYS: the kernel is older than 5.13 or was built without it.
    NotBuilt,
    /// EOPNOTSUPP: built in, but disabled at boot.
    DisabledAtBoot,
    /// Another error: somebody refuses the call.
    Refused(i32),
}

/// Settings under `/proc/sys`. `None`: this kernel does not have the setting.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Settings {
    /// `kernel.apparmor_restrict_unprivileged_userns` (Ubuntu 23.10 and later).
    pub apparmor_restricts_user_namespaces: Option<u64>,
    /// `kernel.unprivileged_userns_clone` (a patch of Debian, Arch `linux-hardened` and others).
    pub unprivileged_user_namespaces: Option<u64>,
    /// `kernel.yama.ptrace_scope` (kernel documentation, "Yama").
    pub ptrace_scope: Option<u64>,
    /// `user.max_*_namespaces` that are 0, by their full names (namespaces(7)).
    pub namespaces_at_zero: Vec<String>,
}

/// This process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProcessFacts {
    /// The effective user.
    pub uid: u32,
    /// The effective capabilities as a bit set.
    pub capabilities: u64,
    /// Whether exec can still give privileges.
    pub no_new_privs: NoNewPrivs,
    /// Whether a seccomp filter of somebody else applies.
    pub seccomp: Seccomp,
}

/// `PR_SET_NO_NEW_PRIVS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoNewPrivs {
    /// Not set.
    Unset,
    /// Set, for good.
    Set,
}

/// The `Seccomp` field of proc_pid_status(5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seccomp {
    /// No filter.
    Off,
    /// At least one filter: a container engine's, a service manager's, another sandbox's.
    Filtered,
}

/// The folder for temporary files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tmp {
    /// Where it is.
    pub path: PathBuf,
    /// Whether its file system lets programs run.
    pub execution: Execution,
}

/// The mount option `noexec`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Execution {
    /// Programs can be executed.
    Allowed,
    /// They cannot.
    Forbidden,
}

/// What was found out about control groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cgroups {
    /// Nobody looked.
    NotExamined,
    /// Groups can be made, of this kind.
    Usable(String),
    /// None can be made, for these reasons.
    Missing(Vec<String>),
}

/// What files do not tell.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The kernel's answer about Landlock.
    pub landlock: Landlock,
    /// The folder for temporary files.
    pub tmp: PathBuf,
    /// Whether an environment variable names a service.
    pub ci: Option<Ci>,
    /// What was found out about control groups.
    pub cgroups: Cgroups,
}

impl Asked {
    /// Asks the kernel and the environment.
    pub fn here(cgroups: Cgroups) -> Asked {
        let landlock = match confine::ask_landlock() {
            Ok(abi) => Landlock::Abi(abi),
            Err(error) => match error.raw_os_error().unwrap_or(libc::EIO) {
                libc::ENOSYS => Landlock::NotBuilt,
                libc::EOPNOTSUPP => Landlock::DisabledAtBoot,
                errno => Landlock::Refused(errno),
            },
        };
        let tmp = std::env::temp_dir();
        // GitHub Docs, "Variables": GITHUB_ACTIONS is always true on a runner.
        let ci = std::env::var_os("GITHUB_ACTIONS").is_some_and(|it| it == "true");
        Asked {
            landlock,
            tmp: fs::canonicalize(&tmp).unwrap_or(tmp),
            ci: ci.then_some(Ci::GithubActions),
            cgroups,
        }
    }
}

impl Facts {
    /// Reads the machine whose files lie below `root`: normally `/`.
    pub fn read(root: &Path, asked: Asked) -> Facts {
        let machine = Machine::at(root);
        let release = machine.line("proc/sys/kernel/osrelease").unwrap_or_default();
        let mounts = machine.mounts();
        Facts {
            wsl: wsl(&release),
            kernel: Kernel { version: version(&release), release },
            system: machine.system(),
            container: machine.container(),
            ci: asked.ci,
            landlock: asked.landlock,
            security_modules: machine.line("sys/kernel/security/lsm").filter(|it| !it.is_empty()),
            settings: machine.settings(),
            process: machine.process(),
            proc_covers: proc_covers(&mounts),
            tmp: Tmp { execution: execution(&mounts, &asked.tmp), path: asked.tmp },
            cgroups: asked.cgroups,
        }
    }
}

impl ProcessFacts {
    /// Whether namespaces can be made without a user namespace (capabilities(7): CAP_SYS_ADMIN is number 21).
    pub fn is_admin(&self) -> bool {
        self.capabilities & (1 << 21) != 0
    }
}

#[cfg(test)]
mod tests;
