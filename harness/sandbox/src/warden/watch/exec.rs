//! Execs: reported, told apart from canaries.

use std::os::unix::fs::MetadataExt;

use super::{SyscallStop, lookup, make_room, memory::Memory};
use crate::{
    canary,
    event::{Ancestor, CanaryRan, ExecRecord, Fidelity, Lookup, ProcessEvent},
    procfs,
    warden::Warden,
};

/// Longest chain of ancestors that is reported.
const MAX_CHAIN: usize = 32;
/// Bytes of each command line in the chain of an ordinary exec.
const MAX_IN_CHAIN: usize = 1024;

impl Warden {
    /// Collects what can be known about an exec while its process waits.
    pub(super) fn look_at_exec(&self, stop: &SyscallStop) -> ExecRecord {
        let mut memory = Memory::of(stop.tid);
        let is_at = stop.nr == libc::SYS_execveat;
        let at = usize::from(is_at);
        let given = memory.bytes(stop.args[at]);
        let (dir, flags) =
            if is_at { (stop.args[0] as i32, stop.args[4] as i32) } else { (libc::AT_FDCWD, 0) };
        let mut path = memory.text(&given);
        if is_at && path.is_empty() {
            // fexecve(3): the program is the descriptor itself.
            let link = format!("/proc/{}/fd/{dir}", stop.tid);
            path = std::fs::read_link(link).map_or(path, |it| it.to_string_lossy().into_owned());
        }
        let argv = memory.strings(stop.args[at + 1]);
        let asker = procfs::identity(stop.tid);
        let found = match &asker {
            Some(asker) if memory.fidelity != Fidelity::Unread => {
                let place = lookup::Place { tid: stop.tid, dir, path: &given, flags };
                lookup::program(asker, &place, self.observer.granted.as_ref())
            }
            _ => Lookup::Unknown,
        };
        let pid = asker.as_ref().map_or(stop.tid, |it| it.process);
        let ppid = asker.map(|it| it.parent);
        // The hundreds of attempts that a search of PATH makes stay small.
        let (env_names, chain) = if found == Lookup::Program {
            (memory.names(stop.args[at + 2]), self.chain(pid, ppid, MAX_IN_CHAIN))
        } else {
            (Vec::new(), Vec::new())
        };
        ExecRecord {
            pid,
            ppid,
            path,
            argv,
            env_names,
            fidelity: memory.fidelity,
            found,
            cwd: procfs::working_directory(pid),
            parent_argv: procfs::command_line(pid),
            chain,
            dropped: 0,
        }
    }

    pub(super) fn settle_exec(&mut self, record: ExecRecord) {
        if record.path == canary::RAN && self.runs_a_canary(record.pid) {
            let ran = self.canary(record);
            self.report(ProcessEvent::CanaryRan(ran));
            return;
        }
        let callers = &mut self.observer.callers;
        make_room(callers, |pid| *pid);
        callers.insert(record.pid, record.parent_argv.clone());
        self.report_ordinary(ProcessEvent::Exec(record));
    }

    /// Whether the process executes a file of the canary folder itself, not a copy of one.
    ///
    /// All canaries are hard links of one file, or copies where a file system has no links.
    fn runs_a_canary(&self, pid: u32) -> bool {
        let Some(folder) = &self.observer.canaries else {
            return false;
        };
        // A link that leads to the very file, whatever its name is inside (proc(5), `/proc/pid/exe`).
        let Ok(program) = std::fs::metadata(format!("/proc/{pid}/exe")) else {
            return false;
        };
        let identity = (program.dev(), program.ino());
        let is_it =
            |path: std::path::PathBuf| path.metadata().is_ok_and(|it| (it.dev(), it.ino()) == identity);
        is_it(folder.join(canary::ORIGIN))
            || std::fs::read_dir(folder)
                .is_ok_and(|mut all| all.any(|it| it.is_ok_and(|it| is_it(it.path()))))
    }

    fn canary(&self, record: ExecRecord) -> CanaryRan {
        let name = record.argv.first().map_or("", |it| it.rsplit('/').next().unwrap_or(it));
        CanaryRan {
            name: name.to_owned(),
            pid: record.pid,
            cwd: record.cwd,
            caller: self.observer.callers.get(&record.pid).cloned().unwrap_or_default(),
            chain: self.chain(record.pid, record.ppid, usize::MAX),
            argv: record.argv,
        }
    }

    /// The processes above `pid` up to the function.
    fn chain(&self, pid: u32, parent: Option<u32>, limit: usize) -> Vec<Ancestor> {
        let mut chain = Vec::new();
        let mut parent = parent;
        // What replaced the function itself has nothing of ours above it.
        while let Some(above) = parent
            && above != std::process::id()
            && pid != self.function
            && chain.len() < MAX_CHAIN
        {
            let argv = match limit {
                usize::MAX => procfs::command_line(above),
                limit => procfs::command_line_up_to(above, limit),
            };
            chain.push(Ancestor { pid: above, argv });
            parent = if above == self.function { None } else { procfs::status(above).map(|it| it.parent) };
        }
        chain
    }
}
