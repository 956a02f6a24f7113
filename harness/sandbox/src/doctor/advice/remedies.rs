//! The remedies: what to type, and what it costs. Nothing is decided here.

use std::path::Path;

use super::Remedy;
use crate::doctor::facts::{Ci, Container, Facts, Family, Wsl};

fn remedy(what: &str, commands: &[&str], price: Option<&str>) -> Remedy {
    Remedy {
        what: what.to_owned(),
        commands: commands.iter().map(|it| (*it).to_owned()).collect(),
        price: price.map(str::to_owned),
    }
}

/// How people call it.
pub(super) fn name(container: &Container) -> String {
    match container {
        Container::Docker => "Docker".to_owned(),
        Container::Podman => "Podman".to_owned(),
        Container::Kubernetes => "Kubernetes".to_owned(),
        Container::Other(name) => format!("the container ({name})"),
    }
}

const USER_NAMESPACES_FOR_ALL: &str = "every program of every user can make user namespaces, which open parts of the kernel that had many weaknesses";

/// Microsoft Learn, "Basic commands for WSL".
pub(super) fn wsl2() -> Vec<Remedy> {
    let commands = ["wsl --update", "wsl --list --verbose", "wsl --set-version <NAME> 2"];
    vec![remedy("convert the distribution to WSL2, in PowerShell", &commands, None)]
}

/// All kernels of WSL2 since 5.15 have Landlock enabled (navikt/cplt#204).
pub(super) fn wsl_update() -> Vec<Remedy> {
    let commands = ["wsl --update", "wsl --shutdown"];
    vec![
        remedy("get Microsoft's newest kernel, in PowerShell", &commands, None),
        remedy(
            "or, with a kernel of your own (.wslconfig, kernel=), build it with these options",
            &["CONFIG_SECURITY_LANDLOCK=y", "CONFIG_LSM=\"landlock,...\""],
            None,
        ),
    ]
}

/// A profile that confines nothing and gives one right. Ubuntu, "Restricted unprivileged user namespaces are coming to Ubuntu 23.10".
pub(super) fn apparmor(exe: &Path) -> Vec<Remedy> {
    let rule = format!("profile evfuzz {} flags=(unconfined) {{", apparmor_path(exe));
    // No here document: its end would have to stand at the beginning of a line wherever this is printed.
    let profile = [
        "printf '%s\\n' 'abi <abi/4.0>,' 'include <tunables/global>' \\",
        &format!("  {} \\", shell_quoted(&rule)),
        "  '  userns,' '  include if exists <local/evfuzz>' '}' |",
        "  sudo tee /etc/apparmor.d/evfuzz",
        "sudo apparmor_parser -r /etc/apparmor.d/evfuzz",
    ];
    let mut second = sysctl("kernel.apparmor_restrict_unprivileged_userns", 0);
    second.what = "or give up the restriction for the whole machine".to_owned();
    vec![
        remedy(
            "let AppArmor know this binary",
            &profile,
            Some("whoever can replace the binary gets the same right: install it where only root can write"),
        ),
        second,
    ]
}

/// A path as it must stand in a profile: quoted, with the signs of patterns escaped (apparmor.d(5), "Globbing").
fn apparmor_path(exe: &Path) -> String {
    let mut text = String::from("\"");
    for it in exe.to_string_lossy().chars() {
        match it {
            '*' | '?' | '[' | ']' | '{' | '}' | '^' | '\\' | '"' => text.extend(['\\', it]),
            // No escape stands for these; the pattern for any one character does.
            it if it.is_control() || it == char::REPLACEMENT_CHARACTER => text.push('?'),
            it => text.push(it),
        }
    }
    text.push('"');
    text
}

fn shell_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// The restriction is the host's kernel's; being unconfined inside a container does not lift it.
pub(super) fn apparmor_of_host() -> Vec<Remedy> {
    let commands = ["sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"];
    vec![remedy("on the host of the container", &commands, Some(USER_NAMESPACES_FOR_ALL))]
}

/// actions/runner-images#10443.
pub(super) fn apparmor_on_ci(ci: Ci) -> Vec<Remedy> {
    match ci {
        Ci::GithubActions => vec![remedy(
            "in the workflow, as a step before evfuzz",
            &["- run: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"],
            Some(
                "none on GitHub's own runners, which are thrown away; on your own, it holds until the next boot",
            ),
        )],
    }
}

/// sysctl.d(5).
pub(super) fn sysctl(name: &str, value: u32) -> Remedy {
    let now = format!("sudo sysctl -w {name}={value}");
    let always = format!("echo '{name} = {value}' | sudo tee -a /etc/sysctl.d/99-evfuzz.conf");
    remedy("now, and after each boot", &[&now, &always], Some(USER_NAMESPACES_FOR_ALL))
}

/// What the sandbox needs beyond moby/profiles, seccomp/default.json, which has these for CAP_SYS_ADMIN only.
/// Not `clone3`: the profile answers ENOSYS to it, and libc then uses `clone`.
const DOCKER_PROFILE: &str = "jq '.syscalls += [{\"names\":[\"clone\",\"unshare\",\"mount\",\"umount2\",\"pivot_root\",\
     \"open_tree\",\"move_mount\",\"mount_setattr\",\"fsopen\",\"fsconfig\",\"fsmount\",\"sethostname\"],\
     \"action\":\"SCMP_ACT_ALLOW\"}]' default.json > evfuzz-seccomp.json";

pub(super) fn container(container: &Container) -> Vec<Remedy> {
    match container {
        // Docker, "Seccomp security profiles", "AppArmor security profiles", and `docker run --security-opt`.
        Container::Docker => vec![
            remedy(
                "start the container with a seccomp profile that allows namespaces (CAP_SYS_ADMIN is not needed)",
                &[
                    "curl -fsSLO https://raw.githubusercontent.com/moby/profiles/main/seccomp/default.json",
                    DOCKER_PROFILE,
                    "docker run --security-opt seccomp=evfuzz-seccomp.json \\",
                    "  --security-opt apparmor=unconfined --security-opt systempaths=unconfined ...",
                ],
                Some(
                    "the container can make user namespaces, and mounts in them; without docker-default and with \
                     all of /proc, root in the container can change settings of the host's kernel, so run it as an \
                     ordinary user (--user)",
                ),
            ),
            remedy(
                "or without any profile",
                &[
                    "docker run --security-opt seccomp=unconfined \\",
                    "  --security-opt apparmor=unconfined --security-opt systempaths=unconfined ...",
                ],
                Some("the same, and all system calls that Docker refuses otherwise"),
            ),
        ],
        // podman-run(1), `--security-opt`.
        Container::Podman => vec![remedy(
            "start the container with",
            &[
                "podman run --security-opt seccomp=unconfined --security-opt unmask=ALL \\",
                "  --security-opt label=disable ...",
            ],
            Some("no seccomp filter, all of /proc, no SELinux labels for this container"),
        )],
        // Kubernetes, "Configure a Security Context for a Pod or Container": procMount needs hostUsers: false.
        Container::Kubernetes => vec![remedy(
            "in the pod's specification",
            &[
                "spec:",
                "  hostUsers: false",
                "  containers:",
                "  - securityContext:",
                "      procMount: Unmasked",
                "      seccompProfile: { type: Unconfined }",
                "      appArmorProfile: { type: Unconfined }",
            ],
            Some("no seccomp and AppArmor profiles for this pod; its root is nobody on the node"),
        )],
        Container::Other(_) => vec![remedy(
            "let its processes call clone, unshare, mount, umount2, pivot_root, open_tree, move_mount and mount_setattr, \
             and cover nothing on /proc; for LXC",
            &["lxc config set <NAME> security.nesting=true"],
            Some("the container can make namespaces and mounts of its own"),
        )],
    }
}

pub(super) fn newer_kernel(facts: &Facts) -> Vec<Remedy> {
    if facts.wsl == Wsl::Two {
        return wsl_update();
    }
    if facts.container.is_some() {
        return vec![remedy("update the kernel of the container's host", &[], None)];
    }
    let commands: &[&str] = match facts.system.family {
        Family::Debian => &["sudo apt update && sudo apt full-upgrade", "sudo reboot"],
        Family::Fedora => &["sudo dnf upgrade --refresh", "sudo reboot"],
        Family::Other => &[],
    };
    vec![remedy("update to a newer kernel, or to a newer release of the distribution", commands, None)]
}

/// Kernel documentation, "Landlock: unprivileged access control", Kernel support, Boot time configuration.
pub(super) fn enable_landlock(facts: &Facts) -> Vec<Remedy> {
    if facts.wsl == Wsl::Two {
        return wsl_update();
    }
    if facts.container.is_some() {
        return vec![remedy(
            "on the container's host, boot with lsm=landlock,... before the modules in use",
            &[],
            None,
        )];
    }
    let Some(modules) = &facts.security_modules else {
        // A list without the modules in use would turn those off.
        let commands =
            ["sudo mount -t securityfs securityfs /sys/kernel/security", "cat /sys/kernel/security/lsm"];
        return vec![remedy(
            "learn the modules in use, then boot with lsm=landlock,<MODULES>",
            &commands,
            None,
        )];
    };
    let parameter = format!("lsm=landlock,{modules}");
    let (first, second) = match facts.system.family {
        Family::Debian => (
            format!("sudo sed -i 's/^GRUB_CMDLINE_LINUX=\"/&{parameter} /' /etc/default/grub"),
            "sudo update-grub && sudo reboot",
        ),
        Family::Fedora => (format!("sudo grubby --update-kernel=ALL --args=\"{parameter}\""), "sudo reboot"),
        Family::Other => {
            (parameter, "# add this to the kernel's command line in the boot loader, then reboot")
        }
    };
    vec![remedy("name it among the security modules at boot", &[&first, second], None)]
}

pub(super) fn landlock_through_filter(facts: &Facts) -> Vec<Remedy> {
    let price = Some("none: Landlock only takes rights away");
    match &facts.container {
        // moby/moby#43199: in the default profile since 2022.
        Some(Container::Docker) => vec![remedy("update Docker on the host to 23 or later", &[], price)],
        Some(_) => vec![remedy("update the container engine on the host", &[], price)],
        None => vec![remedy(
            "allow landlock_create_ruleset, landlock_add_rule and landlock_restrict_self in the filter of whoever \
             starts evfuzz; it is this one",
            &["ps -o pid,args -p $PPID"],
            price,
        )],
    }
}

pub(super) fn outside_the_filter() -> Vec<Remedy> {
    vec![remedy(
        "start evfuzz outside of it; for a service of systemd, see which of these are set (systemd.exec(5))",
        &["systemctl show <UNIT> -p RestrictNamespaces -p SystemCallFilter"],
        None,
    )]
}

pub(super) fn look_for_denials() -> Vec<Remedy> {
    let commands = ["unshare --user --map-root-user --net --mount true", "sudo dmesg | tail"];
    vec![remedy("see what the system says to the same without evfuzz", &commands, None)]
}

pub(super) fn uncover(paths: &[String]) -> Vec<Remedy> {
    let all: Vec<String> = paths.iter().map(|it| format!("sudo umount {it}")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    vec![remedy("uncover them", &all, Some("what they hid is visible to all processes here"))]
}

pub(super) fn outside_of_other_watch() -> Vec<Remedy> {
    vec![remedy("start evfuzz outside of that program; its parents are", &["pstree -aps $$"], None)]
}

pub(super) fn allow_ptrace(facts: &Facts) -> Vec<Remedy> {
    // Kernel documentation, "Yama": 1 allows to trace one's own children, 3 nobody and until the next boot.
    if let Some(scope @ 2..) = facts.settings.ptrace_scope {
        let what = if scope == 3 {
            "ptrace is forbidden until the next boot: set this in /etc/sysctl.d, then reboot"
        } else {
            "let processes trace their own children"
        };
        let commands = [
            "echo 'kernel.yama.ptrace_scope = 1' | sudo tee -a /etc/sysctl.d/99-evfuzz.conf",
            "sudo sysctl --system",
        ];
        return vec![remedy(what, &commands, Some("a process can read the memory of those that it started"))];
    }
    match &facts.container {
        Some(Container::Docker | Container::Podman) => vec![remedy(
            "start the container with",
            &["--cap-add SYS_PTRACE"],
            Some("processes in the container can trace each other"),
        )],
        _ => outside_of_other_watch(),
    }
}

pub(super) fn other_tmp() -> Vec<Remedy> {
    let commands = ["mkdir -p ~/.cache/evfuzz && TMPDIR=~/.cache/evfuzz evfuzz doctor"];
    vec![remedy("use another folder for temporary files", &commands, None)]
}

pub(super) fn ordinary_user() -> Vec<Remedy> {
    vec![remedy("start evfuzz as an ordinary user", &["sudo -u <USER> evfuzz ..."], None)]
}

/// systemd.resource-control(5), `Delegate=`.
pub(super) fn delegated_cgroup() -> Vec<Remedy> {
    vec![remedy(
        "start evfuzz in a group of its own that it may divide",
        &["systemd-run --user --scope -p Delegate=yes evfuzz ..."],
        None,
    )]
}
