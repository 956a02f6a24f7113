//! The caller's end of the keeper: start it, order processes from it, end it.

use std::{
    fs,
    io::{self, Write},
    os::{
        fd::{BorrowedFd, OwnedFd},
        unix::fs::{DirBuilderExt, PermissionsExt},
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
};

use rustix::{
    fs::{MemfdFlags, OFlags},
    pipe::PipeFlags,
};

use crate::{
    cgroup::CgroupHost,
    check,
    confine::SystemBase,
    descriptors::{ForFunction, Handed},
    error::SandboxError,
    identity::Identity,
    isolation::{Barriers, Isolation, Watch},
    keeper::AS_KEEPER,
    kept_tmp::KeptTmp,
    process::{Ends, Process, receive},
    sock::{self, Wait},
    spec::{IsolationWish, KeeperProgram, ProcessSpec},
    wire::{FromWarden, GOODBYE, Order},
};

/// Room for output between two reads. Best effort: the kernel limits it per user (pipe(7)).
const PIPE_BYTES: usize = 1 << 20;

/// The process that owns all functions. Clones share it; the last one to go ends it and everything it started.
#[derive(Debug, Clone)]
pub struct Keeper {
    line: Arc<Line>,
    isolation: Arc<Isolation>,
}

/// The connection to a keeper, before and after its isolation is decided.
#[derive(Debug)]
pub(crate) struct Line {
    control: Option<OwnedFd>,
    child: Mutex<Child>,
    base: SystemBase,
    pub(crate) identity: Identity,
    pub(crate) cgroups: CgroupHost,
    /// What cannot be limited by control groups, and why.
    pub(crate) cgroup_notes: Vec<String>,
    mount_point: PathBuf,
}

impl Keeper {
    /// Starts the keeper, finds out what can confine processes here, and tries to break it.
    ///
    /// `run_dir` must be empty or absent. Whatever the caller puts there later goes with the keeper.
    pub fn start(
        program: &KeeperProgram,
        run_dir: &Path,
        wish: IsolationWish,
    ) -> Result<Keeper, SandboxError> {
        let in_run_dir = |source| SandboxError::RunDir { path: run_dir.to_owned(), source };
        let run_dir = prepare(run_dir).map_err(in_run_dir)?;
        let line = Line::open(program, &run_dir)?;
        let isolation = check::decide(&line, program, &run_dir, wish)?;
        Ok(Keeper { line: Arc::new(line), isolation: Arc::new(isolation) })
    }

    /// What [`start`](Keeper::start) would find here, broken promises included, without a keeper to use.
    ///
    /// For reports about a machine: `start` refuses with the first broken promise, this tells all of them.
    pub fn examine(
        program: &KeeperProgram,
        run_dir: &Path,
        wish: IsolationWish,
    ) -> Result<Isolation, SandboxError> {
        let in_run_dir = |source| SandboxError::RunDir { path: run_dir.to_owned(), source };
        let run_dir = prepare(run_dir).map_err(in_run_dir)?;
        let line = Line::open(program, &run_dir)?;
        check::examine(&line, program, &run_dir, wish)
    }

    /// What confines every process of this keeper.
    pub fn isolation(&self) -> &Isolation {
        &self.isolation
    }

    /// Starts a process. Returns when it has executed its program.
    pub fn spawn(&self, spec: &ProcessSpec) -> Result<Process, SandboxError> {
        self.line.spawn(spec, self.isolation.barriers, self.isolation.watch, With::default())
    }

    /// The same for a process that takes the place of an earlier one and finds in `/tmp` what that left there. The earlier
    /// one must have [`Ended`](crate::ProcessEvent::Ended). After a failure what it left in memory is gone.
    pub fn spawn_with_tmp(&self, spec: &ProcessSpec, tmp: KeptTmp) -> Result<Process, SandboxError> {
        let with = With { tmp: Some(tmp), ..With::default() };
        self.line.spawn(spec, self.isolation.barriers, self.isolation.watch, with)
    }

    /// The same with standard input and output on `terminal`, which becomes its controlling terminal: for a person who
    /// wants to look around. Pass a pseudo-terminal made for this, never one that somebody sits at: whoever holds a
    /// terminal can put words into its user's mouth (TIOCSTI, CVE-2017-5226).
    pub fn spawn_on(&self, spec: &ProcessSpec, terminal: BorrowedFd<'_>) -> Result<Process, SandboxError> {
        let with = With { terminal: Some(terminal), ..With::default() };
        self.line.spawn(spec, self.isolation.barriers, self.isolation.watch, with)
    }
}

/// Creates the directory, private to the user; refuses one that holds something, since the keeper removes it in the end.
fn prepare(run_dir: &Path) -> io::Result<PathBuf> {
    match fs::DirBuilder::new().mode(0o700).create(run_dir) {
        Err(err) if err.kind() == io::ErrorKind::AlreadyExists => {}
        result => result?,
    }
    if fs::read_dir(run_dir)?.next().is_some() {
        return Err(io::ErrorKind::DirectoryNotEmpty.into());
    }
    fs::canonicalize(run_dir)
}

/// What a process gets beside its specification.
#[derive(Debug, Default)]
pub(crate) struct With<'a> {
    /// For its standard streams.
    terminal: Option<BorrowedFd<'a>>,
    /// What an earlier process left.
    tmp: Option<KeptTmp>,
}

impl Line {
    fn open(program: &KeeperProgram, run_dir: &Path) -> Result<Line, SandboxError> {
        let mount_point = run_dir.join("root");
        fs::create_dir(&mount_point)
            .map_err(|source| SandboxError::RunDir { path: run_dir.to_owned(), source })?;
        let failed = |source| SandboxError::KeeperStart { exe: program.exe.clone(), source };
        let (control, theirs) = sock::pair().map_err(failed)?;
        let child = Command::new(&program.exe)
            .args(&program.args)
            .arg(AS_KEEPER)
            .arg(run_dir)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .spawn()
            .map_err(failed)?;
        let child = Mutex::new(child);
        let identity = Identity::choose();
        if identity.changes() {
            // The function's user must get to its scratch, but see no names of others.
            fs::set_permissions(run_dir, fs::Permissions::from_mode(0o711))
                .map_err(|source| SandboxError::RunDir { path: run_dir.to_owned(), source })?;
        }
        let (cgroups, cgroup_notes) = CgroupHost::find();
        let base = SystemBase::of_host();
        Ok(Line { control: Some(control), child, base, identity, cgroups, cgroup_notes, mount_point })
    }

    /// Orders a process with these barriers.
    pub(crate) fn spawn(
        &self,
        spec: &ProcessSpec,
        barriers: Barriers,
        watch: Watch,
        with: With<'_>,
    ) -> Result<Process, SandboxError> {
        let tmp = with.tmp.map(|it| it.given_to(&spec.scratch, &barriers)).transpose()?.flatten();
        let order = Order {
            spec: spec.clone(),
            barriers,
            watch,
            identity: self.identity,
            cgroups: self.cgroups.clone(),
            base: self.base.clone(),
            mount_point: self.mount_point.clone(),
        };
        let text = serde_json::to_vec(&order).map_err(|source| SandboxError::Spec { source })?;
        let os = |action| move |source: io::Error| SandboxError::Os { action, source };
        let order = in_memory(&text).map_err(os("pass on the process specification"))?;
        let (events, wardens) = sock::pair().map_err(os("make a socket pair"))?;
        let (log, logs_end) = pipe().map_err(os("make a pipe"))?;
        let records = spec.records.map(|_| pipe()).transpose().map_err(os("make a pipe"))?;
        let (records, records_end) = records.unzip();
        let observer = spec.observer.as_ref().map(|_| observer_pair()).transpose();
        let (observer, observer_end) = observer.map_err(os("make a socket pair"))?.unzip();
        let terminal = with.terminal.map(|it| it.try_clone_to_owned()).transpose();
        let terminal = terminal.map_err(os("pass on a terminal"))?;
        let control = self.control.as_ref().ok_or(SandboxError::KeeperGone)?;
        let function =
            ForFunction { log: logs_end, terminal, records: records_end, observer: observer_end, tmp };
        let handed = Handed { order, events: wardens, function };
        handed.send(control).map_err(|_| SandboxError::KeeperGone)?;
        // Only the warden may hold these, or its death would go unnoticed.
        drop(handed);
        let ends = Ends { log, records, observer, events };
        match receive(&ends.events, Wait::Yes).map_err(os("hear from the warden"))? {
            Some((FromWarden::Started { pid, port }, fds)) => {
                let mut fds = fds.into_iter();
                let listener = if port == 0 { None } else { fds.next() };
                let tmp = KeptTmp::of(&spec.scratch, &barriers, fds.next());
                Process::new(pid, port, listener, ends, tmp).map_err(os("set up the listener"))
            }
            Some((FromWarden::Failed(failure), _)) => Err(failure.into_error(spec, &barriers)),
            Some((FromWarden::Event(_), _)) | None => Err(SandboxError::KeeperGone),
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // The keeper takes the closed socket as its order to end; it removes the run directory last.
        if let Some(control) = self.control.take() {
            let _ = sock::send(&control, &[GOODBYE], &[], Wait::No);
        }
        let _ = self.child.lock().unwrap_or_else(PoisonError::into_inner).wait();
    }
}

fn in_memory(text: &[u8]) -> io::Result<OwnedFd> {
    let fd = rustix::fs::memfd_create("order", MemfdFlags::CLOEXEC)?;
    let mut file = fs::File::from(fd);
    file.write_all(text)?;
    Ok(file.into())
}

/// The caller's and the function's end of the socket for hooks. Neither blocks: no hook may ever wait for its caller.
fn observer_pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let (mine, theirs) = sock::pair()?;
    for end in [&mine, &theirs] {
        rustix::fs::fcntl_setfl(end, OFlags::NONBLOCK)?;
    }
    Ok((mine, theirs))
}

/// A pipe whose read end does not block. The write end does, as programs expect of their output.
fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let (read, write) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
    rustix::fs::fcntl_setfl(&read, OFlags::NONBLOCK)?;
    let _ = rustix::pipe::fcntl_setpipe_size(&read, PIPE_BYTES);
    Ok((read, write))
}
