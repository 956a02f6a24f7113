//! Whether a process is at work or waits for something: what the kernel says of its threads.

use std::fs;

/// Whether a thread of `pid` runs, wants to run or waits for a disk. A process that is gone does not.
pub(crate) fn is_at_work(pid: u32) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return false };
    threads.flatten().any(|thread| {
        let stat = fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        // proc_pid_stat(5): the state follows the name, which is in parentheses and can hold some itself.
        let state = stat.rsplit_once(") ").and_then(|(_, fields)| fields.chars().next());
        // `t`: a tracer looks at what it does.
        matches!(state, Some('R' | 'D' | 't'))
    })
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn who_waits_for_input_is_not_at_work() {
        assert!(is_at_work(std::process::id()), "this thread runs");
        let mut reader = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        while is_at_work(reader.id()) {
            std::thread::yield_now();
        }
        drop(reader.stdin.take());
        reader.wait().unwrap();
        assert!(!is_at_work(reader.id()), "it is gone");
    }
}
