//! What to do about what is missing: a pure function of the facts and of what the keeper found when it tried.
//!
//! Advice is given only for what was tried and did not work; facts say why. A fact alone is no reason: a setting that
//! forbids namespaces to others may not concern this process. The commands themselves are in `remedies`.

mod remedies;

use std::path::Path;

use serde::Serialize;

use super::facts::{Cgroups, Execution, Facts, Landlock, Seccomp, Wsl};
use crate::{
    error::SandboxError,
    isolation::{Isolation, LANDLOCK_WITH_SIGNAL_SCOPE, LANDLOCK_WITH_TCP, Namespaces, PromiseState, Watch},
    spec::{BarrierWish, IsolationWish, WatchWish},
};

/// One thing that is missing, why it matters, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// Which advice this is, for scripts.
    pub id: AdviceId,
    /// What is missing.
    pub missing: String,
    /// Which promise is weaker for it.
    pub matters: String,
    /// What can be done, the best first. Empty if nothing can.
    pub remedies: Vec<Remedy>,
}

/// One way to get what is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// What to do, in words.
    pub what: String,
    /// Lines to type or to put into a file.
    pub commands: Vec<String>,
    /// What it opens to others.
    pub price: Option<String>,
}

/// All advice there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdviceId {
    /// WSL1 has no Linux kernel.
    Wsl1,
    /// A container engine forbids namespaces.
    NamespacesContainer,
    /// Ubuntu's AppArmor forbids user namespaces to unknown programs.
    NamespacesApparmor,
    /// A sysctl of Debian and hardened kernels forbids them.
    NamespacesSysctl,
    /// The number of namespaces is limited to 0.
    NamespacesLimit,
    /// The kernel lacks what the file system of a namespace needs.
    NamespacesKernel,
    /// Covers on `/proc` forbid a new one.
    ProcCovered,
    /// A seccomp filter forbids namespaces.
    NamespacesFilter,
    /// Nobody knows why namespaces do not work.
    NamespacesUnknown,
    /// The kernel has no Landlock.
    LandlockNotBuilt,
    /// Landlock is disabled at boot.
    LandlockDisabled,
    /// Somebody refuses Landlock's calls.
    LandlockRefused,
    /// Landlock does not cover TCP.
    LandlockWithoutTcp,
    /// Landlock does not cover signals.
    LandlockWithoutSignals,
    /// Execs are watched by ptrace.
    WatchPtrace,
    /// A watch outside hides execs from ours.
    WatchHidden,
    /// Execs are not watched.
    WatchOff,
    /// Programs cannot be executed in the folder for temporary files.
    TmpNoexec,
    /// Functions run as root.
    FunctionIsRoot,
    /// No control groups.
    NoCgroups,
}

/// What the keeper found.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// What was wished for.
    pub wish: IsolationWish,
    /// What holds, even if it is too weak to be used.
    pub isolation: Option<&'a Isolation>,
    /// Why the keeper refuses.
    pub refusal: Option<&'a SandboxError>,
    /// Which user functions run as, if known.
    pub function_uid: Option<u32>,
    /// The binary that needs permission.
    pub exe: &'a Path,
}

/// What to do, the gravest first.
pub fn advise(facts: &Facts, found: &Found<'_>) -> Vec<Advice> {
    if facts.wsl == Wsl::One {
        let missing = "this is WSL1, which has no Linux kernel";
        let matters = "no namespaces, no Landlock, no seccomp: nothing can be confined here";
        return vec![advice(AdviceId::Wsl1, missing, matters, remedies::wsl2())];
    }
    let mut all = namespaces(facts, found);
    all.extend(landlock(facts, found));
    all.extend(watch(facts, found));
    all.extend(rest(facts, found));
    all
}

fn advice(
    id: AdviceId,
    missing: impl Into<String>,
    matters: impl Into<String>,
    remedies: Vec<Remedy>,
) -> Advice {
    Advice { id, missing: missing.into(), matters: matters.into(), remedies }
}

impl Found<'_> {
    fn lacks_namespaces(&self) -> bool {
        let wished = matches!(self.wish.barriers, BarrierWish::Auto | BarrierWish::NamespacesOnly);
        let has = self.isolation.is_some_and(|it| it.barriers.namespaces != Namespaces::Host);
        wished && !has && (self.isolation.is_some() || self.is_about_isolation())
    }

    fn wishes_landlock(&self) -> bool {
        matches!(self.wish.barriers, BarrierWish::Auto | BarrierWish::LandlockOnly)
    }

    /// Whether the refusal says something about this machine, and not about a full disk.
    fn is_about_isolation(&self) -> bool {
        matches!(self.refusal, Some(SandboxError::TooWeak { .. } | SandboxError::Unavailable { .. }))
    }

    fn notes(&self) -> String {
        let mut all = self.isolation.map(|it| it.notes.clone()).unwrap_or_default();
        match self.refusal {
            Some(SandboxError::TooWeak { missing }) => all.push(missing.clone()),
            Some(SandboxError::Unavailable { reason, .. }) => all.push(reason.clone()),
            _ => {}
        }
        all.join("; ")
    }
}

fn namespaces(facts: &Facts, found: &Found<'_>) -> Vec<Advice> {
    if !found.lacks_namespaces() {
        return Vec::new();
    }
    let matters = "the function has no file system, network and /tmp of its own: Landlock and seccomp alone keep it \
                   in, so it cannot use UDP or Unix sockets, and its Runtime API is not at 127.0.0.1:9001";
    let admin = facts.process.is_admin();
    let settings = &facts.settings;
    let mut all = Vec::new();
    if let Some(container) = &facts.container
        && !admin
    {
        let missing = format!("{} does not let processes make namespaces", remedies::name(container));
        all.push(advice(AdviceId::NamespacesContainer, missing, matters, remedies::container(container)));
    }
    if settings.apparmor_restricts_user_namespaces.is_some_and(|it| it != 0) && !admin {
        // Ubuntu, "Restricted unprivileged user namespaces": refused, or given without any capability in it.
        let missing = "AppArmor lets only known programs use user namespaces (Ubuntu 23.10 and later)";
        let remedies = match (&facts.container, facts.ci) {
            (Some(_), _) => remedies::apparmor_of_host(),
            (None, Some(ci)) => remedies::apparmor_on_ci(ci),
            (None, None) => remedies::apparmor(found.exe),
        };
        all.push(advice(AdviceId::NamespacesApparmor, missing, matters, remedies));
    }
    if settings.unprivileged_user_namespaces == Some(0) && !admin {
        let missing = "kernel.unprivileged_userns_clone is 0: only root makes user namespaces";
        let remedies = vec![remedies::sysctl("kernel.unprivileged_userns_clone", 1)];
        all.push(advice(AdviceId::NamespacesSysctl, missing, matters, remedies));
    }
    for name in &settings.namespaces_at_zero {
        // Who needs no user namespace is not stopped by their number.
        if !(admin && name.contains("user_")) {
            let missing = format!("{name} is 0: nobody makes namespaces of this kind");
            // The kernel's own default is half of threads-max (kernel/fork.c, `fork_init`): this is a machine with 4 GB.
            let remedies = vec![remedies::sysctl(name, 15_000)];
            all.push(advice(AdviceId::NamespacesLimit, missing, matters, remedies));
        }
    }
    // mount_setattr(2).
    if facts.kernel.version != (0, 0) && facts.kernel.version < (5, 12) {
        let missing =
            format!("Linux {} cannot make pieces of the host read-only (5.12 can)", facts.kernel.release);
        all.push(advice(AdviceId::NamespacesKernel, missing, matters, remedies::newer_kernel(facts)));
    }
    if !facts.proc_covers.is_empty() && facts.container.is_none() && found.notes().contains("/proc") {
        let paths: Vec<_> = facts.proc_covers.iter().map(|it| it.display().to_string()).collect();
        let missing = format!("parts of /proc are covered ({}), so no new one is given", paths.join(", "));
        all.push(advice(AdviceId::ProcCovered, missing, matters, remedies::uncover(&paths)));
    }
    if all.is_empty() && facts.process.seccomp == Seccomp::Filtered {
        let missing = "whoever started evfuzz forbids namespaces by a seccomp filter";
        all.push(advice(AdviceId::NamespacesFilter, missing, matters, remedies::outside_the_filter()));
    }
    if all.is_empty() {
        let missing =
            format!("namespaces do not work, and nothing on this machine says why: {}", found.notes());
        all.push(advice(AdviceId::NamespacesUnknown, missing, matters, remedies::look_for_denials()));
    }
    all
}

fn landlock(facts: &Facts, found: &Found<'_>) -> Option<Advice> {
    if !found.wishes_landlock() {
        return None;
    }
    let with_namespaces = found.isolation.is_some_and(|it| it.barriers.namespaces != Namespaces::Host);
    let matters = if with_namespaces {
        "the namespaces are the only barrier around files: a mistake in them, ours or the kernel's, has no second \
         line behind it"
    } else {
        "nothing keeps the function from the host's files and network"
    };
    let filtered = facts.process.seccomp == Seccomp::Filtered;
    let release = &facts.kernel.release;
    let advice = match facts.landlock {
        // landlock(7): Linux 5.13. A filter may answer ENOSYS too, as Docker's does for calls it has never heard of.
        Landlock::NotBuilt if filtered && facts.kernel.version >= (5, 13) => advice(
            AdviceId::LandlockRefused,
            format!("no Landlock: Linux {release} may have it, but a seccomp filter applies to evfuzz"),
            matters,
            remedies::landlock_through_filter(facts),
        ),
        Landlock::NotBuilt if facts.wsl == Wsl::Two => advice(
            AdviceId::LandlockNotBuilt,
            format!("the kernel of WSL2 ({release}) has no Landlock"),
            matters,
            remedies::wsl_update(),
        ),
        Landlock::NotBuilt => advice(
            AdviceId::LandlockNotBuilt,
            format!("Linux {release} has no Landlock (it came with 5.13, as an option)"),
            matters,
            remedies::newer_kernel(facts),
        ),
        Landlock::DisabledAtBoot => advice(
            AdviceId::LandlockDisabled,
            "Landlock is built into this kernel, but not enabled at boot",
            matters,
            remedies::enable_landlock(facts),
        ),
        Landlock::Refused(errno) => advice(
            AdviceId::LandlockRefused,
            format!("Landlock is refused: {}", std::io::Error::from_raw_os_error(errno)),
            matters,
            remedies::landlock_through_filter(facts),
        ),
        Landlock::Abi(abi) if abi < LANDLOCK_WITH_TCP && !with_namespaces => advice(
            AdviceId::LandlockWithoutTcp,
            format!("Landlock here (ABI {abi}) does not cover TCP; Linux 6.7 (ABI 4) does"),
            "without namespaces nothing keeps the function from ports of this machine and of the network",
            remedies::newer_kernel(facts),
        ),
        Landlock::Abi(abi) if abi < LANDLOCK_WITH_SIGNAL_SCOPE && is_open(found, "signalled") => advice(
            AdviceId::LandlockWithoutSignals,
            format!("Landlock here (ABI {abi}) does not cover signals; Linux 6.12 (ABI 6) does"),
            "the function can send signals to your other processes",
            remedies::newer_kernel(facts),
        ),
        Landlock::Abi(_) => return None,
    };
    Some(advice)
}

/// Whether a promise with this word in its name is not kept.
fn is_open(found: &Found<'_>, word: &str) -> bool {
    let mut promises = found.isolation.iter().flat_map(|it| &it.promises);
    promises.any(|it| it.name.contains(word) && it.state != PromiseState::Held)
}

fn watch(facts: &Facts, found: &Found<'_>) -> Option<Advice> {
    let isolation = found.isolation?;
    let notes = found.notes();
    // The words of EBUSY: seccomp(2), a second listener in one tree of processes is refused with it.
    let busy = notes.contains("os error 16");
    let why = if busy {
        "evfuzz runs below a program that answers system calls itself (another sandbox, a container engine with \
         seccomp notification, or evfuzz), and the kernel allows one such per process"
    } else {
        "the kernel refuses a seccomp listener (Linux 5.5 has what is needed)"
    };
    match isolation.watch {
        // Precedence of actions in seccomp(2): USER_NOTIF hides TRACE.
        Watch::Ptrace if is_open(found, "canary") => Some(advice(
            AdviceId::WatchHidden,
            format!("{why}; it watches execs and thereby hides them from us"),
            "no canary's run is seen, so command execution cannot be proven",
            remedies::outside_of_other_watch(),
        )),
        Watch::Ptrace if found.wish.watch != WatchWish::Ptrace => Some(advice(
            AdviceId::WatchPtrace,
            format!("execs are watched by ptrace: {why}"),
            "nothing is missed, but each program that the function starts costs about a tenth of a millisecond more, \
             and debuggers and strace cannot be attached to it",
            remedies::outside_of_other_watch(),
        )),
        Watch::Off if found.wish.watch != WatchWish::Off => Some(advice(
            AdviceId::WatchOff,
            format!("execs are not watched: {why}, and ptrace is refused too"),
            "no canary's run is seen: evfuzz finds crashes, but cannot prove command execution or code evaluation",
            remedies::allow_ptrace(facts),
        )),
        _ => None,
    }
}

fn rest(facts: &Facts, found: &Found<'_>) -> Vec<Advice> {
    let mut all = Vec::new();
    if facts.tmp.execution == Execution::Forbidden {
        all.push(advice(
            AdviceId::TmpNoexec,
            format!("{} is mounted noexec", facts.tmp.path.display()),
            "the canaries, which lie there, cannot run",
            remedies::other_tmp(),
        ));
    }
    if found.function_uid == Some(0) {
        all.push(advice(
            AdviceId::FunctionIsRoot,
            "functions run with uid 0",
            "without capabilities root is not powerful, but it owns most files: what a barrier misses, nothing else \
             stops",
            remedies::ordinary_user(),
        ));
    }
    if let Cgroups::Missing(reasons) = &facts.cgroups {
        all.push(advice(
            AdviceId::NoCgroups,
            format!("no control groups: {}", reasons.join("; ")),
            "memory and processes are limited per process or per user instead of per function",
            remedies::delegated_cgroup(),
        ));
    }
    all
}

#[cfg(test)]
mod tests;
