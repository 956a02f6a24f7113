//! A function as the emulator starts it: its command, its environment, its limits.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use evfuzz_runtimes::{Placed, Target};
use evfuzz_sandbox::{Limits, Observe, Piece, ProcessSpec, RecordsFd, Scratch, Tmp};

use crate::api::{ApiConfig, SnapStart};
use crate::hooks::Hooks;

/// Far longer than a client takes to end after it was refused, which is seldom.
const HOLD: Duration = Duration::from_millis(250);

/// Official clients write their log records to the descriptor that this variable names.
const RECORDS_FD: &str = "_LAMBDA_TELEMETRY_LOG_FD";

/// Everything that is needed to start a function, as often as wanted.
#[derive(Clone, Debug)]
pub struct FunctionSpec {
    /// What to start.
    pub target: Target,
    /// The same as its own process sees it.
    pub placed: Placed,
    /// The complete environment, but for the address of the Runtime API.
    pub env: Vec<(String, String)>,
    /// Time for one invocation.
    pub timeout: Duration,
    /// Time until the first `/next`. AWS grants 10 s.
    pub init_timeout: Duration,
    /// `Lambda-Runtime-Invoked-Function-Arn`.
    pub function_arn: String,
    /// Folder in which every process gets a scratch folder of its own.
    pub scratch_root: PathBuf,
    /// Whether that outlives the process.
    pub scratch: ScratchFate,
    /// Folder of canary commands, first in PATH.
    pub canaries: Option<Piece>,
    /// Hooks in its process. Its environment loads them.
    pub hooks: Option<Hooks>,
    /// What is told of it beside the programs that it starts.
    pub observe: Observe,
    /// What it may use.
    pub limits: Limits,
    /// The core on which the function runs, with all its threads and children.
    pub core: Option<usize>,
}

impl FunctionSpec {
    /// What the Runtime API tells about the function.
    pub(crate) fn api(&self) -> ApiConfig {
        let variable = |name: &str| {
            let found = self.env.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        ApiConfig {
            function_arn: self.function_arn.clone(),
            function_name: variable("AWS_LAMBDA_FUNCTION_NAME"),
            function_version: variable("AWS_LAMBDA_FUNCTION_VERSION"),
            handler: self.target.handler.clone(),
            // arn:aws:lambda:REGION:ACCOUNT:function:NAME
            account_id: self.function_arn.split(':').nth(4).unwrap_or_default().to_owned(),
            metadata_token: variable("AWS_LAMBDA_METADATA_TOKEN"),
            hold_after_refusal: HOLD,
            snap_start: match variable("AWS_LAMBDA_INITIALIZATION_TYPE").as_str() {
                "snap-start" => SnapStart::On,
                _ => SnapStart::Off,
            },
        }
    }

    /// The descriptor for log records, if its environment names one.
    fn records_fd(&self) -> Option<RecordsFd> {
        let (_, number) = self.env.iter().find(|(name, _)| name == RECORDS_FD)?;
        number.parse().ok().filter(|it| *it > 2).map(RecordsFd)
    }

    /// The process to start, with `scratch` as the folder that it can write to.
    pub fn process(&self, scratch: PathBuf) -> ProcessSpec {
        let placed = &self.placed;
        let mut env: Vec<(OsString, OsString)> =
            self.env.iter().map(|(name, value)| (name.into(), value.into())).collect();
        if placed.root == self.target.root && !self.env.iter().any(|(name, _)| name == "TMPDIR") {
            // Lambda does not set it. Where the machine's `/tmp` is closed, programs that ask still find a place.
            env.push(("TMPDIR".into(), scratch.clone().into()));
            // Nor this, but the home of the function's user would be looked up, and is closed or not there at all.
            if !self.env.iter().any(|(name, _)| name == "HOME") {
                env.push(("HOME".into(), scratch.clone().into()));
            }
        }
        let shown = placed.shown.iter().map(|(source, target)| Piece::at(source, target));
        ProcessSpec {
            program: placed.program.clone(),
            args: placed.args.clone(),
            env,
            cwd: placed.root.clone(),
            read: shown.chain(self.hooks.iter().map(|it| it.files.clone())).collect(),
            scratch: Scratch { folder: scratch, tmp: self.scratch.tmp() },
            canaries: self.canaries.clone(),
            service_env: vec!["AWS_LAMBDA_RUNTIME_API".to_owned(), "AWS_LAMBDA_METADATA_API".to_owned()],
            records: self.records_fd(),
            observer: self.hooks.as_ref().map(|_| Hooks::end()),
            core: self.core,
            limits: self.limits.clone(),
            observe: self.observe,
        }
    }
}

/// What becomes of what a function leaves in its `/tmp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScratchFate {
    /// It goes with the process.
    Removed,
    /// It can go to the process that takes its place: see [`Environment::end`](crate::Environment::end).
    HandedOn,
    /// It stays in the scratch folder, for a person to look at.
    Kept,
}

impl ScratchFate {
    fn tmp(self) -> Tmp {
        match self {
            ScratchFate::Removed => Tmp::Memory,
            ScratchFate::HandedOn => Tmp::KeptMemory,
            ScratchFate::Kept => Tmp::Folder,
        }
    }
}
