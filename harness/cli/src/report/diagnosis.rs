//! The text of `evfuzz doctor`: what holds first, then what to do. 80 columns, but for commands, which are never broken.

use evfuzz_sandbox::doctor::Diagnosis;
use evfuzz_sandbox::doctor::advice::Advice;
use evfuzz_sandbox::doctor::facts::{Cgroups, Container, Facts, Landlock, Wsl};
use evfuzz_sandbox::{Identity, Isolation, Namespaces, Processes, Promise, PromiseState};

use super::escape::{clipped, printable};
use crate::exit::causes;

const WIDTH: usize = 80;

/// The whole report.
pub(crate) fn text(diagnosis: &Diagnosis) -> String {
    let mut out = String::new();
    match &diagnosis.isolation {
        Some(isolation) => wrap(&mut out, "", "  ", &isolation.to_string()),
        None => wrap(&mut out, "", "  ", "no layer: functions cannot be started"),
    }
    if let Some(refusal) = &diagnosis.refusal {
        out.push_str("\nevfuzz refuses to run here:\n");
        for line in causes(refusal).lines() {
            wrap(&mut out, "  ", "  ", line);
        }
    }
    if let Some(isolation) = &diagnosis.isolation {
        out.push_str("\nPromises, tried from inside\n");
        for it in &isolation.promises {
            promise(&mut out, it);
        }
    }
    out.push_str("\nMechanisms\n");
    mechanisms(&mut out, diagnosis);
    if let Some(notes) = diagnosis.isolation.as_ref().map(|it| &it.notes).filter(|it| !it.is_empty()) {
        out.push_str("\nMissing\n");
        for note in notes {
            wrap(&mut out, "  - ", "    ", note);
        }
    }
    out.push_str("\nWhat to do\n");
    if diagnosis.advice.is_empty() {
        let nothing = match diagnosis.refusal {
            None => "Nothing: all that evfuzz asks for is here.",
            Some(_) => "The message above is all that is known.",
        };
        wrap(&mut out, "  ", "  ", nothing);
    }
    for (index, it) in diagnosis.advice.iter().enumerate() {
        advice(&mut out, index + 1, it);
    }
    out
}

fn promise(out: &mut String, promise: &Promise) {
    let state = match promise.state {
        PromiseState::Held => "kept",
        PromiseState::Violated => "BROKEN",
        PromiseState::NotApplicable => "not promised",
    };
    let head = format!("  {state:<12}  {:<40}", promise.name);
    match promise.state {
        PromiseState::Held => {
            let room = WIDTH - head.chars().count().min(WIDTH) - 1;
            let answer = clipped(&printable(short(promise)), room);
            out.push_str(format!("{head} {answer}").trim_end());
            out.push('\n');
        }
        PromiseState::Violated | PromiseState::NotApplicable => {
            out.push_str(head.trim_end());
            out.push('\n');
            wrap(out, "                ", "                ", &promise.detail);
        }
    }
}

/// The system's answer to the first attempt that it refused, without what was tried.
fn short(promise: &Promise) -> &str {
    let refused = promise.detail.split_once(" (os error").map_or(&*promise.detail, |(before, _)| before);
    match refused.rsplit_once(": ") {
        // Accepted inside; what was sent has not arrived outside, or the promise would not be kept.
        Some((_, "worked")) if promise.name.starts_with("no ") => "nothing arrives",
        Some((_, answer)) => answer,
        None => refused,
    }
}

fn mechanisms(out: &mut String, diagnosis: &Diagnosis) {
    let facts = &diagnosis.facts;
    row(out, "kernel", &machine(facts));
    row(
        out,
        "Landlock",
        &match facts.landlock {
            Landlock::Abi(abi) => {
                let covers = match abi {
                    // Kernel documentation, "Landlock": TCP from ABI 4 on, signals from ABI 6 on.
                    6.. => "files, TCP, signals",
                    4..=5 => "files, TCP",
                    _ => "files",
                };
                format!("ABI {abi}: {covers}")
            }
            Landlock::NotBuilt => "not in this kernel".to_owned(),
            Landlock::DisabledAtBoot => "disabled at boot".to_owned(),
            Landlock::Refused(errno) => format!("refused: {}", std::io::Error::from_raw_os_error(errno)),
        },
    );
    if let Some(isolation) = &diagnosis.isolation {
        row(out, "namespaces", namespaces(isolation));
        row(out, "exec watch", &isolation.watch.to_string());
    }
    if let Some(uid) = diagnosis.function_uid {
        let outside = match diagnosis.isolation.as_ref().map(|it| it.identity) {
            Some(Identity::Unused { uid }) => format!(", which is the unused {uid} here"),
            Some(Identity::Caller) => ", which is you".to_owned(),
            Some(Identity::PowerlessRoot) | None => String::new(),
        };
        row(out, "functions", &format!("run as uid {uid}{outside}"));
    }
    match &facts.cgroups {
        Cgroups::NotExamined => {}
        Cgroups::Usable(kind) => row(out, "cgroups", kind),
        Cgroups::Missing(reasons) => row(out, "cgroups", &format!("none: {}", reasons.join("; "))),
    }
}

fn namespaces(isolation: &Isolation) -> &'static str {
    let barriers = isolation.barriers;
    match (barriers.namespaces, barriers.processes) {
        (Namespaces::Host, _) => "none: the function lives in the host's",
        (Namespaces::User, Processes::Own) => "of its own, by a user namespace",
        (Namespaces::User, Processes::Host) => "of its own, by a user namespace, but for processes",
        (Namespaces::Privileged, Processes::Own) => "of its own, by privilege",
        (Namespaces::Privileged, Processes::Host) => "of its own, by privilege, but for processes",
    }
}

fn machine(facts: &Facts) -> String {
    let mut text = format!("Linux {}", facts.kernel.release);
    if let Some(name) = &facts.system.name {
        text = format!("{text}, {name}");
    }
    match facts.wsl {
        Wsl::No => {}
        Wsl::One => text.push_str(", WSL1"),
        Wsl::Two => text.push_str(", WSL2"),
    }
    match &facts.container {
        None => {}
        Some(Container::Docker) => text.push_str(", in Docker"),
        Some(Container::Podman) => text.push_str(", in Podman"),
        Some(Container::Kubernetes) => text.push_str(", in Kubernetes"),
        Some(Container::Other(name)) => text = format!("{text}, in a container ({name})"),
    }
    text
}

fn row(out: &mut String, name: &str, value: &str) {
    wrap(out, &format!("  {name:<12}  "), "                ", value);
}

fn advice(out: &mut String, number: usize, advice: &Advice) {
    wrap(out, &format!("  {number}. "), "     ", &advice.missing);
    wrap(out, "     so: ", "         ", &advice.matters);
    for remedy in &advice.remedies {
        wrap(out, "     do: ", "         ", &remedy.what);
        for command in &remedy.commands {
            out.push_str("           ");
            out.push_str(&printable(command));
            out.push('\n');
        }
        if let Some(price) = &remedy.price {
            wrap(out, "         price: ", "           ", price);
        }
    }
}

/// Adds `text` in lines of at most 80 columns. Longer words stand alone.
fn wrap(out: &mut String, first: &str, rest: &str, text: &str) {
    let text = printable(text);
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split(' ').filter(|it| !it.is_empty()) {
        let gap = usize::from(!empty);
        if !empty && line.chars().count() + gap + word.chars().count() > WIDTH {
            out.push_str(&line);
            out.push('\n');
            rest.clone_into(&mut line);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    out.push_str(line.trim_end());
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_blanks_and_escaped() {
        let mut out = String::new();
        let words = ["word"; 40].join(" ");
        wrap(&mut out, "1. ", "   ", &format!("{words}\x1b[31m"));
        assert!(out.lines().count() > 1 && out.lines().all(|it| it.chars().count() <= WIDTH), "{out}");
        assert!(out.starts_with("1. word") && out.contains("\n   word") && out.contains("\\u{1b}"), "{out}");
    }

    #[test]
    fn answers_are_shown_without_what_was_tried() {
        let short = |name, detail: &str| {
            let promise = Promise { name, state: PromiseState::Held, detail: detail.to_owned() };
            super::short(&promise).to_owned()
        };
        assert_eq!(short("a", "/a: b: Permission denied (os error 13), /c: worked"), "Permission denied");
        assert_eq!(short("a", "kill(1, 0): Operation not permitted (os error 1)"), "Operation not permitted");
        assert_eq!(short("no packet gets out", "127.0.0.1:9: worked"), "nothing arrives");
        assert_eq!(short("scratch is writable", "/tmp: worked"), "worked");
        assert_eq!(short("a", "reported"), "reported");
        assert_eq!(short("a", ""), "");
    }
}
