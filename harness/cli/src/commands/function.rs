//! Finding the function that the user means, and opening a session with it.

mod readable;

use std::path::{Path, PathBuf};
use std::time::Duration;

use evfuzz_engine::{EngineError, FunctionRef, Session, SessionConfig};
use evfuzz_runtimes::{ClientChoice, Request, Runtime, Target};
use evfuzz_sandbox::{BarrierWish, IsolationWish, KeeperProgram, OnWeak, WatchWish};

use crate::args::{Barriers, Client, ExecWatch, FunctionArgs, IsolationArgs, MechanismArgs, TargetArgs};
use crate::exit::Failure;
use crate::report::escape::printable;
use crate::signals;

/// Lambda's default timeout. AWS "Configure Lambda function timeout".
const TIMEOUT: Duration = Duration::from_secs(3);

/// Lambda's init window. AWS "Lambda execution environment".
const INIT_TIMEOUT: Duration = Duration::from_secs(10);

/// A function that is ready to be started.
pub(super) struct Opened {
    pub(super) session: Session,
    pub(super) function: FunctionRef,
}

/// Finds the function that was asked for and starts the sandbox. See [`open`].
pub(super) fn open_target(args: &TargetArgs, keep: Option<&Path>) -> Result<Opened, Failure> {
    open(&args.path, &args.function, wish(&args.isolation), keep)
}

/// Finds the function at `path` and starts the sandbox.
///
/// `keep`: where what it leaves in its `/tmp` is kept.
pub(super) fn open(
    path: &Path,
    args: &FunctionArgs,
    isolation: IsolationWish,
    keep: Option<&Path>,
) -> Result<Opened, Failure> {
    let env = variables(&args.env)?;
    let run_dir = run_dir()?;
    let target = find(path, args, run_dir.path())?;
    let function = reference(path, &target, &env);
    let config = SessionConfig {
        env,
        timeout: args.timeout.unwrap_or(TIMEOUT),
        init_timeout: args.init_timeout.unwrap_or(INIT_TIMEOUT),
        keep: keep.map(Path::to_owned),
        layers: args.size.layer.clone(),
        memory_mb: args.size.memory,
        tmp_mb: args.size.tmp,
        keeper: keeper_program()?,
        isolation,
    };
    let handler_file = target.handler_file();
    let session = Session::open(target, run_dir, config)?;
    if let Some(file) = handler_file {
        readable::check(&session, &file).map_err(EngineError::Sandbox)?;
    }
    Ok(Opened { session, function })
}

/// A folder for the files of this run, which goes with it however it ends.
pub(super) fn run_dir() -> Result<tempfile::TempDir, Failure> {
    let folder = Session::run_dir()?;
    signals::remove_at_end(folder.path());
    Ok(folder)
}

/// Finds the function without starting anything.
pub(super) fn find(path: &Path, args: &FunctionArgs, run_dir: &Path) -> Result<Target, Failure> {
    let request = Request {
        path: path.to_owned(),
        handler: args.handler.clone(),
        runtime: args.runtime.clone(),
        client: match args.client {
            Client::Evfuzz => ClientChoice::Own,
            Client::Official => ClientChoice::Official,
        },
        client_dirs: args.client_dir.clone(),
        path_env: std::env::var_os("PATH").unwrap_or_default(),
    };
    let target = evfuzz_runtimes::find(&request, &Session::clients_dir(run_dir))?;
    // Java and Ruby have no other client than the official one, and programs bring theirs along.
    let has_ours = matches!(target.runtime, Runtime::Node { .. } | Runtime::Python { .. });
    if let (Client::Evfuzz, Some(dir), true) = (args.client, args.client_dir.first(), has_ours) {
        let dir = printable(&dir.display().to_string());
        return Err(Failure::usage(format!(
            "--client-dir {dir}: evfuzz's own client is used, which lies nowhere; add --client official, or leave it out"
        )));
    }
    Ok(target)
}

pub(super) fn keeper_program() -> Result<KeeperProgram, Failure> {
    let exe = std::env::current_exe()
        .map_err(|error| Failure::environment(format!("cannot find the path of evfuzz itself: {error}")))?;
    Ok(KeeperProgram { exe, args: vec![super::KEEPER.into()] })
}

pub(super) fn wish(args: &IsolationArgs) -> IsolationWish {
    let weak = if args.allow_weak_isolation { OnWeak::Allow } else { OnWeak::Refuse };
    IsolationWish { weak, ..mechanisms(&args.mechanisms) }
}

/// What was asked for, to be refused if it is too weak.
pub(super) fn mechanisms(args: &MechanismArgs) -> IsolationWish {
    IsolationWish {
        barriers: match args.isolation {
            Barriers::Auto => BarrierWish::Auto,
            Barriers::Landlock => BarrierWish::LandlockOnly,
            Barriers::Namespaces => BarrierWish::NamespacesOnly,
        },
        watch: match args.exec_watch {
            ExecWatch::Auto => WatchWish::Auto,
            ExecWatch::Notify => WatchWish::UserNotification,
            ExecWatch::Ptrace => WatchWish::Ptrace,
        },
        weak: OnWeak::Refuse,
        landlock_abi_at_most: None,
    }
}

/// What findings say about the function: no absolute paths where they can be avoided.
fn reference(path: &Path, target: &Target, env: &[(String, String)]) -> FunctionRef {
    let absolute = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let here = std::env::current_dir().and_then(std::fs::canonicalize).unwrap_or_default();
    let relative = absolute.strip_prefix(&here).map(Path::to_owned);
    let path = match relative {
        Ok(inside) if inside.as_os_str().is_empty() => PathBuf::from("."),
        Ok(inside) => inside,
        Err(_) => absolute,
    };
    FunctionRef {
        name: target.name.clone(),
        path,
        handler: target.handler.clone(),
        runtime: target.runtime.id(),
        env: env.iter().map(|(name, _)| name.clone()).collect(),
    }
}

/// `NAME=VALUE`, or `NAME` for the caller's own value.
fn variables(args: &[String]) -> Result<Vec<(String, String)>, Failure> {
    args.iter()
        .map(|arg| {
            let (name, value) = match arg.split_once('=') {
                Some((name, value)) => (name, value.to_owned()),
                None => {
                    let value = std::env::var(arg).map_err(|_| {
                        Failure::usage(format!("--env {arg}: the variable is not set; write {arg}=VALUE"))
                    })?;
                    (arg.as_str(), value)
                }
            };
            if name.is_empty() {
                return Err(Failure::usage(format!("--env {arg}: a name is missing before =")));
            }
            if let Some(reason) = evfuzz_runtimes::reserved(name) {
                return Err(Failure::usage(format!("--env {}: it cannot be set: {reason}", printable(arg))));
            }
            Ok((name.to_owned(), value))
        })
        .collect()
}
