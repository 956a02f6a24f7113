//! What this machine says about itself, as far as it bears on confinement.
//!
//! Nothing is decided here, and nothing that cannot be read is guessed: it is absent.
//! Files are read below a given root, so that tests can show other machines; what must be asked of the kernel is passed in.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::Serialize;

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
        let machine = Machine { root };
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

/// A file system to read from.
struct Machine<'a> {
    root: &'a Path,
}

impl Machine<'_> {
    fn text(&self, path: &str) -> io::Result<String> {
        Ok(String::from_utf8_lossy(&fs::read(self.root.join(path))?).into_owned())
    }

    fn line(&self, path: &str) -> Option<String> {
        Some(self.text(path).ok()?.trim().to_owned())
    }

    fn has(&self, path: &str) -> bool {
        self.root.join(path).symlink_metadata().is_ok()
    }

    fn number(&self, path: &str) -> Option<u64> {
        self.line(path)?.parse().ok()
    }

    fn system(&self) -> System {
        // os-release(5): /usr/lib is where it lies if /etc has none.
        let text =
            self.text("etc/os-release").or_else(|_| self.text("usr/lib/os-release")).unwrap_or_default();
        let value = |name: &str| {
            let found = text.lines().find_map(|it| it.strip_prefix(name)?.strip_prefix('='));
            found.map(|it| it.trim_matches(['"', '\'']).to_owned())
        };
        let ids = format!("{} {}", value("ID").unwrap_or_default(), value("ID_LIKE").unwrap_or_default());
        let is = |names: &[&str]| ids.split_ascii_whitespace().any(|it| names.contains(&it));
        let family = if is(&["debian", "ubuntu"]) {
            Family::Debian
        } else if is(&["fedora", "rhel", "centos"]) {
            Family::Fedora
        } else {
            Family::Other
        };
        System { name: value("PRETTY_NAME"), family }
    }

    /// systemd's `detect_container` (src/basic/virt.c) looks for the same marks.
    fn container(&self) -> Option<Container> {
        // Kubernetes, "Accessing the API from a Pod": every pod has this folder unless it opts out.
        if self.has("var/run/secrets/kubernetes.io") || self.has("run/secrets/kubernetes.io") {
            return Some(Container::Kubernetes);
        }
        let cgroup = self.text("proc/self/cgroup").unwrap_or_default();
        if cgroup.contains("/kubepods") {
            return Some(Container::Kubernetes);
        }
        if self.has("run/.containerenv") || cgroup.contains("/libpod-") {
            return Some(Container::Podman);
        }
        if self.has(".dockerenv") || cgroup.contains("/docker/") || cgroup.contains("/docker-") {
            return Some(Container::Docker);
        }
        // Readable for the owner of process 1 only; systemd passes it on to everybody in the second file.
        let environment = self.text("proc/1/environ").unwrap_or_default();
        let named = environment.split('\0').find_map(|it| it.strip_prefix("container=").map(str::to_owned));
        let named = named.or_else(|| self.line("run/systemd/container")).filter(|it| !it.is_empty())?;
        match named.as_str() {
            "docker" => Some(Container::Docker),
            "podman" => Some(Container::Podman),
            // WSL2 has a container of its own kind around each distribution; `Wsl` says so.
            "wsl" => None,
            _ => Some(Container::Other(named)),
        }
    }

    fn settings(&self) -> Settings {
        let kinds = ["user", "mnt", "pid", "net", "ipc", "uts"];
        let at_zero = |kind: &&str| self.number(&format!("proc/sys/user/max_{kind}_namespaces")) == Some(0);
        Settings {
            apparmor_restricts_user_namespaces: self
                .number("proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
            unprivileged_user_namespaces: self.number("proc/sys/kernel/unprivileged_userns_clone"),
            ptrace_scope: self.number("proc/sys/kernel/yama/ptrace_scope"),
            namespaces_at_zero: kinds
                .iter()
                .filter(|it| at_zero(it))
                .map(|it| format!("user.max_{it}_namespaces"))
                .collect(),
        }
    }

    /// proc_pid_status(5).
    fn process(&self) -> ProcessFacts {
        let text = self.text("proc/self/status").unwrap_or_default();
        let field = |name: &str| {
            let rest = text.lines().find_map(|it| it.strip_prefix(name)?.strip_prefix(':'));
            rest.map(str::split_ascii_whitespace)
        };
        let flag = |name: &str| field(name).and_then(|mut it| it.next()).is_some_and(|it| it != "0");
        ProcessFacts {
            // Real, effective, saved, file system.
            uid: field("Uid").and_then(|mut it| it.nth(1)?.parse().ok()).unwrap_or(u32::MAX),
            capabilities: field("CapEff")
                .and_then(|mut it| u64::from_str_radix(it.next()?, 16).ok())
                .unwrap_or_default(),
            no_new_privs: if flag("NoNewPrivs") { NoNewPrivs::Set } else { NoNewPrivs::Unset },
            seccomp: if flag("Seccomp") { Seccomp::Filtered } else { Seccomp::Off },
        }
    }

    fn mounts(&self) -> Vec<Mount> {
        let text = self.text("proc/self/mountinfo").unwrap_or_default();
        text.lines().filter_map(Mount::parse).collect()
    }
}

/// One line of proc_pid_mountinfo(5).
struct Mount {
    point: PathBuf,
    options: String,
}

impl Mount {
    fn parse(line: &str) -> Option<Mount> {
        let mut fields = line.split(' ');
        let point = fields.nth(4)?;
        let options = fields.next()?.to_owned();
        Some(Mount { point: unescaped(point), options })
    }
}

/// Blanks, tabs, line ends and backslashes are octal in mountinfo.
fn unescaped(text: &str) -> PathBuf {
    let mut out = text.to_owned();
    for (code, plain) in [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")] {
        out = out.replace(code, plain);
    }
    out.into()
}

/// Mounts on `/proc` that hide something. Not those on folders that are there to be mounted on
/// (fs/namespace.c, `mnt_already_visible`: such folders are permanently empty).
fn proc_covers(mounts: &[Mount]) -> Vec<PathBuf> {
    const MEANT_FOR_IT: [&str; 3] = ["/proc/sys/fs/binfmt_misc", "/proc/fs/nfsd", "/proc/openprom"];
    let below = |it: &&Mount| it.point.starts_with("/proc") && it.point != Path::new("/proc");
    let covers = mounts.iter().filter(below).map(|it| it.point.clone());
    covers.filter(|it| !MEANT_FOR_IT.iter().any(|known| it == Path::new(known))).collect()
}

/// Whether programs in `path` can be executed. Of several mounts on one point the last counts.
fn execution(mounts: &[Mount], path: &Path) -> Execution {
    let over = mounts.iter().filter(|it| path.starts_with(&it.point));
    let nearest = over.max_by_key(|it| it.point.components().count());
    match nearest {
        Some(it) if it.options.split(',').any(|option| option == "noexec") => Execution::Forbidden,
        _ => Execution::Allowed,
    }
}

fn version(release: &str) -> (u32, u32) {
    let mut numbers = release.split(|it: char| !it.is_ascii_digit()).map(|it| it.parse().ok());
    let mut next = || numbers.next().flatten();
    match (next(), next()) {
        (Some(major), Some(minor)) => (major, minor),
        _ => (0, 0),
    }
}

/// WSL1 calls itself `4.4.0-19041-Microsoft`, WSL2 `5.15.90.1-microsoft-standard-WSL2`; kernels that users build themselves
/// for WSL2 may lack the last part, but are never as old.
fn wsl(release: &str) -> Wsl {
    let lower = release.to_lowercase();
    if !lower.contains("microsoft") && !lower.contains("wsl2") {
        Wsl::No
    } else if lower.contains("wsl2") || version(release) >= (4, 19) {
        Wsl::Two
    } else {
        Wsl::One
    }
}

#[cfg(test)]
mod tests;
