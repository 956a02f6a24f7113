//! What can go wrong on our side. A function that fails is no error but an event.

use std::{fmt, io, path::PathBuf};

use serde::{Deserialize, Serialize};

use crate::{isolation::Barriers, program::Fault, spec::ProcessSpec};

/// Why the sandbox could not do its job.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The keeper's binary could not be started.
    #[error("cannot start the keeper {exe:?}")]
    KeeperStart {
        /// The binary.
        exe: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The keeper or a warden ended although the caller still needs it.
    #[error("the process that guards the function ended unexpectedly")]
    KeeperGone,
    /// The run directory cannot be used: the keeper removes it at its end, so it must be empty at the start.
    #[error("cannot use the run directory {path:?}")]
    RunDir {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Nothing strong enough confines processes on this machine.
    #[error("isolation is too weak: {missing}")]
    TooWeak {
        /// What does not work here, and why.
        missing: String,
    },
    /// A mechanism that was asked for by name does not work here.
    #[error("{what} is not available: {reason}")]
    Unavailable {
        /// The mechanism.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// The probe found that a promise of the sandbox does not hold.
    #[error("the sandbox does not keep its promise {name:?}: {detail}")]
    PromiseBroken {
        /// The promise.
        name: String,
        /// What the probe saw.
        detail: String,
    },
    /// A step before the program's start failed.
    #[error("cannot set up the sandbox ({stage}: {detail})")]
    Setup {
        /// The step.
        stage: Stage,
        /// The object that the step was about.
        detail: String,
        /// The system's answer.
        source: io::Error,
    },
    /// The program could not be executed.
    #[error("cannot execute {program:?}: {}", fault.told(*errno))]
    Exec {
        /// The program.
        program: PathBuf,
        /// The error number of `execve`.
        errno: i32,
        /// What is wrong with the file, as far as it tells.
        fault: Fault,
    },
    /// The user that the function runs as may not read what it needs.
    #[error(
        "the function cannot read what it needs: {detail}. It does not run as root: make that readable for everybody \
         (chmod -R go+rX), keep it elsewhere, or run evfuzz as an ordinary user"
    )]
    Unreadable {
        /// Which uid, and where the way ends.
        detail: String,
    },
    /// A kept `/tmp` is not what the process is to have according to its specification.
    #[error("the /tmp that was kept is {kept}, but the process is to have one {wanted}")]
    OtherTmp {
        /// What was kept.
        kept: String,
        /// What is wanted.
        wanted: String,
    },
    /// The specification cannot be passed on, for example a path that is not UTF-8.
    #[error("cannot pass on the process specification")]
    Spec {
        /// Why.
        source: serde_json::Error,
    },
    /// A system call of the caller's side failed.
    #[error("cannot {action}")]
    Os {
        /// What was tried.
        action: &'static str,
        /// The system's answer.
        source: io::Error,
    },
}

/// The steps between the order to start a process and its first instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Reading the order.
    Order,
    /// Creating processes.
    Fork,
    /// Creating namespaces.
    Namespaces,
    /// Opening the service port.
    Service,
    /// Creating a pid namespace with its own `/proc`.
    Processes,
    /// Building the file system.
    Mounts,
    /// Entering a control group.
    Limits,
    /// Resource limits, signals, directory, descriptors.
    Process,
    /// Giving up root and capabilities.
    Capabilities,
    /// Whether the function's user can read what it needs.
    Reach,
    /// Landlock.
    Landlock,
    /// The seccomp filter.
    Seccomp,
    /// The exec watch.
    Watch,
    /// Executing the program.
    Exec,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stage::Order => "order",
            Stage::Fork => "fork",
            Stage::Namespaces => "namespaces",
            Stage::Service => "service port",
            Stage::Processes => "own processes",
            Stage::Mounts => "file system",
            Stage::Limits => "limits",
            Stage::Process => "process attributes",
            Stage::Capabilities => "capabilities",
            Stage::Reach => "reading",
            Stage::Landlock => "landlock",
            Stage::Seccomp => "seccomp",
            Stage::Watch => "exec watch",
            Stage::Exec => "exec",
        })
    }
}

/// A failed step, as it travels from the function's process over the warden to the caller.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) stage: Stage,
    pub(crate) errno: i32,
    pub(crate) detail: String,
}

impl Failure {
    /// The failure of `stage`, with `err` in words where it is no error number.
    pub(crate) fn new(stage: Stage, detail: impl fmt::Display, err: io::Error) -> Failure {
        let errno = err.raw_os_error().unwrap_or(libc::EIO);
        let detail = match err.raw_os_error() {
            Some(_) => detail.to_string(),
            None => format!("{detail}: {err}"),
        };
        Failure { stage, errno, detail }
    }

    /// The error that the caller sees.
    pub(crate) fn into_error(self, spec: &ProcessSpec, barriers: &Barriers) -> SandboxError {
        match self.stage {
            Stage::Exec => SandboxError::Exec {
                program: spec.program.clone(),
                errno: self.errno,
                fault: Fault::of(spec, barriers, self.errno),
            },
            Stage::Reach => SandboxError::Unreadable { detail: self.detail },
            stage => SandboxError::Setup {
                stage,
                detail: self.detail,
                source: io::Error::from_raw_os_error(self.errno),
            },
        }
    }
}

/// Names the step that an error belongs to.
pub(crate) trait At<T> {
    /// Turns the error into a [`Failure`] of `stage`.
    fn at(self, stage: Stage, detail: impl fmt::Display) -> Result<T, Failure>;
}

impl<T, E: Into<io::Error>> At<T> for Result<T, E> {
    fn at(self, stage: Stage, detail: impl fmt::Display) -> Result<T, Failure> {
        self.map_err(|err| Failure::new(stage, detail, err.into()))
    }
}
