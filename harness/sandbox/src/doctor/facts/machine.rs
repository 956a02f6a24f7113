//! Reading facts from files below a root: `/`, or a folder that looks like one.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{Container, Execution, Family, NoNewPrivs, ProcessFacts, Seccomp, Settings, System, Wsl};

/// A file system to read from.
pub(super) struct Machine<'a> {
    root: &'a Path,
}

impl Machine<'_> {
    pub(super) fn at(root: &Path) -> Machine<'_> {
        Machine { root }
    }

    fn text(&self, path: &str) -> io::Result<String> {
        Ok(String::from_utf8_lossy(&fs::read(self.root.join(path))?).into_owned())
    }

    pub(super) fn line(&self, path: &str) -> Option<String> {
        Some(self.text(path).ok()?.trim().to_owned())
    }

    fn has(&self, path: &str) -> bool {
        self.root.join(path).symlink_metadata().is_ok()
    }

    fn number(&self, path: &str) -> Option<u64> {
        self.line(path)?.parse().ok()
    }

    pub(super) fn system(&self) -> System {
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
    pub(super) fn container(&self) -> Option<Container> {
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

    pub(super) fn settings(&self) -> Settings {
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
    pub(super) fn process(&self) -> ProcessFacts {
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

    pub(super) fn mounts(&self) -> Vec<Mount> {
        let text = self.text("proc/self/mountinfo").unwrap_or_default();
        text.lines().filter_map(Mount::parse).collect()
    }
}

/// One line of proc_pid_mountinfo(5).
pub(super) struct Mount {
    point: PathBuf,
    options: String,
}

impl Mount {
    pub(super) fn parse(line: &str) -> Option<Mount> {
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
pub(super) fn proc_covers(mounts: &[Mount]) -> Vec<PathBuf> {
    const MEANT_FOR_IT: [&str; 3] = ["/proc/sys/fs/binfmt_misc", "/proc/fs/nfsd", "/proc/openprom"];
    let below = |it: &&Mount| it.point.starts_with("/proc") && it.point != Path::new("/proc");
    let covers = mounts.iter().filter(below).map(|it| it.point.clone());
    covers.filter(|it| !MEANT_FOR_IT.iter().any(|known| it == Path::new(known))).collect()
}

/// Whether programs in `path` can be executed. Of several mounts on one point the last counts.
pub(super) fn execution(mounts: &[Mount], path: &Path) -> Execution {
    let over = mounts.iter().filter(|it| path.starts_with(&it.point));
    let nearest = over.max_by_key(|it| it.point.components().count());
    match nearest {
        Some(it) if it.options.split(',').any(|option| option == "noexec") => Execution::Forbidden,
        _ => Execution::Allowed,
    }
}

pub(super) fn version(release: &str) -> (u32, u32) {
    let mut numbers = release.split(|it: char| !it.is_ascii_digit()).map(|it| it.parse().ok());
    let mut next = || numbers.next().flatten();
    match (next(), next()) {
        (Some(major), Some(minor)) => (major, minor),
        _ => (0, 0),
    }
}

/// WSL1 calls itself `4.4.0-19041-Microsoft`, WSL2 `5.15.90.1-microsoft-standard-WSL2`; kernels that users build themselves
/// for WSL2 may lack the last part, but are never as old.
pub(super) fn wsl(release: &str) -> Wsl {
    let lower = release.to_lowercase();
    if !lower.contains("microsoft") && !lower.contains("wsl2") {
        Wsl::No
    } else if lower.contains("wsl2") || version(release) >= (4, 19) {
        Wsl::Two
    } else {
        Wsl::One
    }
}
