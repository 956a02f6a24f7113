//! The bystander: another process of the same user, with secrets in every place where a process can have them.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::{bait::token, kit::Kit, procs};

pub(crate) struct Bystander {
    child: Child,
    /// Where the secret is in its memory.
    pub(crate) address: u64,
    /// Its descriptor of a file without a name.
    pub(crate) fd: i32,
    before: Vec<String>,
}

impl Bystander {
    /// Starts it with `home` as its directory. `in_file` is in a file that only its descriptor leads to.
    pub(crate) fn beside(kit: &Kit, home: &Path, in_file: &str) -> Bystander {
        let file = home.parent().unwrap().join("to-be-deleted");
        fs::write(&file, in_file).unwrap();
        let mut child = Command::new(kit.dir().join("victim.c"))
            .arg(token("victim-argument"))
            .env_clear()
            .env("VICTIM_SECRET", token("victim-environment"))
            .env("OPEN_FILE", &file)
            .current_dir(home)
            // Alone in its group, so that signals to a group reach nobody else.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(format!("{}\n", token("victim-memory")).as_bytes()).unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (address, fd) = ready(&line);
        let before = procs::traits(child.id());
        Bystander { child, address, fd, before }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What was done to it.
    pub(crate) fn suffered(&mut self, name: &str) -> Vec<String> {
        if let Some(status) = self.child.try_wait().unwrap() {
            return vec![format!("{name} died: {status}")];
        }
        procs::changes(name, &self.before, self.child.id())
    }
}

/// Reads `READY address descriptor`.
pub(crate) fn ready(line: &str) -> (u64, i32) {
    let mut words = line.trim().strip_prefix("READY ").expect("the bystander is ready").split(' ');
    (words.next().unwrap().parse().unwrap(), words.next().unwrap().parse().unwrap())
}

impl Drop for Bystander {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
