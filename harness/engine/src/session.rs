//! A function that is ready to be started any number of times: what a run and a replay share.

use std::ffi::OsString;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use evfuzz_emulator::{FunctionSpec, Hooks, Instance, Pool, ScratchFate};
use evfuzz_generators::forge::public_keys;
use evfuzz_generators::lexicon::{Lexicon, SourceFile};
use evfuzz_generators::nonce::Nonce;
use evfuzz_generators::payload::Canaries;
use evfuzz_runtimes::{Credentials, FunctionMeta, Placed, Target, World};
use evfuzz_sandbox::{
    Isolation, IsolationWish, Keeper, KeeperProgram, Limits, Observe, Observed, PathMark, Piece, Process,
};

use crate::error::EngineError;
use crate::observe::{Secrets, SourceText, is_secret};

/// What a session needs to know.
#[derive(Clone, Debug)]
pub struct SessionConfig {
    /// Variables for the function, over those that Lambda sets.
    pub env: Vec<(String, String)>,
    /// Time for one invocation.
    pub timeout: Duration,
    /// Time until the function asks for its first event.
    pub init_timeout: Duration,
    /// Where what functions leave in their `/tmp` is kept. `None`: nowhere.
    pub keep: Option<PathBuf>,
    /// Folders with the content of its layers, in order.
    pub layers: Vec<PathBuf>,
    /// Memory of the function, in MB.
    pub memory_mb: u64,
    /// Size of its `/tmp`, in MB.
    pub tmp_mb: u64,
    /// How to start this program as keeper.
    pub keeper: KeeperProgram,
    /// How the function is to be confined and watched.
    pub isolation: IsolationWish,
}

/// A function, the sandbox it runs in, and what is known of its source.
pub struct Session {
    target: Target,
    placed: Placed,
    env: Vec<(String, String)>,
    /// An identity function for the same runtime, with its place.
    echo: Option<(Target, Placed)>,
    config: SessionConfig,
    keeper: Keeper,
    source: SourceText,
    secrets: Secrets,
    lexicon: Lexicon,
    public_keys: Vec<String>,
    /// Whether there is an observer for it.
    observer: evfuzz_runtimes::Observed,
    // Dropped last: the functions' folders live in it.
    run_dir: tempfile::TempDir,
}

/// Files longer than this are cut before names are learnt from them. The tables of a native
/// program, which say where its constants are, stand at its end.
const LONGEST_FILE: usize = 64 << 20;

/// Enough for the functions people write by hand; bundles are one file.
const MOST_FILES: usize = 200;

/// Public keys that tokens are signed with, each in two forms.
const MOST_KEYS: usize = 8;

impl Session {
    /// Where the Runtime API clients of a run go: [`evfuzz_runtimes::find`] wants to know.
    pub fn clients_dir(run_dir: &Path) -> PathBuf {
        run_dir.join("clients")
    }

    fn observers_dir(run_dir: &Path) -> PathBuf {
        run_dir.join("observers")
    }

    /// A folder for the files of one run, to be passed to [`Session::open`].
    pub fn run_dir() -> Result<tempfile::TempDir, EngineError> {
        let parent = std::env::temp_dir();
        tempfile::Builder::new()
            .prefix("evfuzz-")
            .tempdir_in(&parent)
            .map_err(|source| EngineError::Write { path: parent, source })
    }

    /// Starts the sandbox, which checks its promises by violating them.
    pub fn open(
        mut target: Target,
        run_dir: tempfile::TempDir,
        config: SessionConfig,
    ) -> Result<Session, EngineError> {
        // The keeper removes the folder when we are gone, and so wants to be the first in it.
        let keeper = Keeper::start(&config.keeper, run_dir.path(), config.isolation)?;
        let clients = Session::clients_dir(run_dir.path());
        evfuzz_runtimes::install_clients(&clients)
            .map_err(|source| EngineError::Write { path: clients, source })?;
        let observers = Session::observers_dir(run_dir.path());
        let observer = evfuzz_runtimes::install_observers(&target, &observers)
            .map_err(|source| EngineError::Write { path: observers, source })?;
        target.unpack()?;
        let files = read_files(&target.own_files);
        let sources: Vec<(String, &[u8])> =
            files.iter().map(|(path, content)| (path.display().to_string(), content.as_slice())).collect();
        let sources: Vec<SourceFile<'_>> =
            sources.iter().map(|(name, content)| SourceFile { name, content }).collect();
        let lexicon = Lexicon::learn(&sources);
        let texts = sources.iter().filter_map(|it| str::from_utf8(it.content).ok());
        let given = config.env.iter().map(|(_, value)| value.as_str());
        let public_keys: Vec<String> = texts.chain(given).flat_map(public_keys).take(MOST_KEYS).collect();
        target.opt = evfuzz_runtimes::merge_layers(&config.layers, &run_dir.path().join("opt"))?;
        target.limit_memory(config.memory_mb);
        let world = if keeper.isolation().barriers.has_own_files() { World::Lambda } else { World::Host };
        let placed = target.place(world);
        let env = environment(&target, &placed, &config);
        let folder = run_dir.path().join("echo");
        let echo = evfuzz_runtimes::echo(&target, &folder)
            .map_err(|source| EngineError::Write { path: folder, source })?
            .map(|echo| {
                let placed = echo.place(world);
                (echo, placed)
            });
        let source = SourceText::new(&target.root, &placed.root, files).with_env(&env);
        let secrets = secrets(&target, &config);
        Ok(Session {
            target,
            placed,
            env,
            echo,
            config,
            keeper,
            source,
            secrets,
            lexicon,
            public_keys,
            observer,
            run_dir,
        })
    }

    /// The function.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// How it is confined.
    pub fn isolation(&self) -> &Isolation {
        self.keeper.isolation()
    }

    /// Names and constants of its source.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// Public keys in its files and variables.
    pub(crate) fn public_keys(&self) -> &[String] {
        &self.public_keys
    }

    /// What starts and watches its processes.
    pub fn keeper(&self) -> &Keeper {
        &self.keeper
    }

    pub(crate) fn source(&self) -> &SourceText {
        &self.source
    }

    /// What it must not tell.
    pub(crate) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// The folder of canary commands of one shard.
    pub(crate) fn canary_dir(&self, shard: usize) -> PathBuf {
        self.run_dir.path().join(format!("canary-{shard}"))
    }

    /// The environments of one shard, pinned to `core`: with an observer in their processes, if there is one for the
    /// runtime, and without.
    pub(crate) fn pools(&self, shard: usize, core: Option<usize>) -> [Pool; 2] {
        // Environments are numbered through all shards: a million each is more than a run starts.
        let first = shard as u64 * 1_000_000;
        let pool = |spec, first| Pool::new(self.keeper.clone(), spec, first);
        let mut plain = self.function(shard, core);
        plain.observe = Observe { opens: Observed::Watched, only: Some(NONCES), ..Observe::default() };
        [pool(self.observed(plain.clone()), first), pool(plain, UNOBSERVED_IDS + first)]
    }

    /// The same function with an observer in its process, if there is one for its runtime.
    #[must_use]
    pub fn observed(&self, mut spec: FunctionSpec) -> FunctionSpec {
        use evfuzz_runtimes::Observed;
        if self.observer != Observed::Yes {
            return spec;
        }
        let files = Piece::at(Session::observers_dir(self.run_dir.path()), OBSERVERS);
        let place = files.place(&self.isolation().barriers).to_owned();
        let (env, args) = (&mut spec.env, &mut spec.placed.args);
        if evfuzz_runtimes::observe(&self.target, env, args, &place) == Observed::Yes {
            spec.hooks = Some(Hooks { files });
        }
        spec
    }

    /// Why nothing is seen from within its process, where something could be.
    pub(crate) fn observer_note(&self) -> Option<&'static str> {
        (self.observer == evfuzz_runtimes::Observed::Incomplete).then_some(
            "this Java has no compiler, or no agents, so the function's process is not observed from within: \
             neither SQL nor lines of code are told; a whole JDK has both",
        )
    }

    /// One execution environment, as the service keeps it.
    ///
    /// # Errors
    ///
    /// Returns an error if the folder of its canaries cannot be made.
    pub fn instance(&self) -> Result<Instance, EngineError> {
        let canaries = self.canary_dir(0);
        std::fs::create_dir_all(&canaries).map_err(|source| EngineError::Write { path: canaries, source })?;
        Ok(Instance::new(self.keeper.clone(), self.function(0, None), 1))
    }

    /// The environments of an identity function on the same runtime, if there is one for it.
    pub(crate) fn echo(&self, shard: usize, core: Option<usize>) -> Option<Pool> {
        let (target, placed) = self.echo.as_ref()?;
        let spec = FunctionSpec {
            target: target.clone(),
            placed: placed.clone(),
            env: environment(target, placed, &self.config),
            function_arn: arn(target, &self.config),
            ..self.spec(core)
        };
        Some(Pool::new(self.keeper.clone(), spec, ECHO_IDS + shard as u64 * 1_000_000))
    }

    /// Starts `command` instead of the function, in the same cage, on `terminal`.
    ///
    /// `scratch` is its folder; if it is to be kept, that is what it finds as its `/tmp`.
    pub fn shell(
        &self,
        command: &[OsString],
        env: &[(OsString, OsString)],
        scratch: &Path,
        fate: ScratchFate,
        terminal: BorrowedFd<'_>,
    ) -> Result<Process, EngineError> {
        let canaries = self.canary_dir(0);
        std::fs::create_dir_all(&canaries)
            .map_err(|source| EngineError::Write { path: canaries.clone(), source })?;
        let function = FunctionSpec { scratch: fate, ..self.function(0, None) };
        let mut spec = function.process(scratch.to_owned());
        if let [program, args @ ..] = command {
            spec.program = program.into();
            spec.args = args.to_vec();
        }
        spec.env.extend(env.iter().cloned());
        Ok(self.keeper.spawn_on(&spec, terminal)?)
    }

    /// How the function itself is started, as it is seen in the cage.
    pub fn command(&self) -> Vec<OsString> {
        let program = self.placed.program.clone().into_os_string();
        std::iter::once(program).chain(self.placed.args.iter().cloned()).collect()
    }

    /// The function as it is started, on `core`, without canaries.
    pub fn spec(&self, core: Option<usize>) -> FunctionSpec {
        FunctionSpec {
            target: self.target.clone(),
            placed: self.placed.clone(),
            env: self.env.clone(),
            timeout: self.config.timeout,
            init_timeout: self.config.init_timeout,
            function_arn: arn(&self.target, &self.config),
            scratch_root: self.run_dir.path().join("scratch"),
            scratch: ScratchFate::Removed,
            canaries: None,
            hooks: None,
            observe: Observe::default(),
            limits: limits(&self.config),
            core,
        }
    }

    /// The function of one shard: with its canaries, and kept if that is wanted.
    fn function(&self, shard: usize, core: Option<usize>) -> FunctionSpec {
        let mut spec = self.spec(core);
        let canaries = Piece::at(self.canary_dir(shard), CANARIES);
        for (name, value) in &mut spec.env {
            if name == "PATH" {
                let place = canaries.place(&self.isolation().barriers);
                *value = format!("{}:{value}", place.display());
            }
        }
        spec.canaries = Some(canaries);
        if let Some(keep) = &self.config.keep {
            spec.scratch_root.clone_from(keep);
            spec.scratch = ScratchFate::Kept;
        }
        spec
    }

    /// Timeout of one invocation.
    pub(crate) fn timeout(&self) -> Duration {
        self.config.timeout
    }
}

/// Numbers of the environments of identity functions begin here, above those of all pools.
const ECHO_IDS: u64 = 0xE000_0000;

/// Numbers of unobserved environments.
const UNOBSERVED_IDS: u64 = 0xD000_0000;

fn arn(target: &Target, config: &SessionConfig) -> String {
    let (region, name) = (region(config), name(target, config));
    let arn = format!("arn:aws:lambda:{region}:123456789012:function:{name}");
    match variable(config, VERSION) {
        // AWS "Lambda function versions": an ARN without a version means `$LATEST`.
        None | Some("$LATEST") => arn,
        Some(version) => format!("{arn}:{version}"),
    }
}

const VERSION: &str = "AWS_LAMBDA_FUNCTION_VERSION";

/// A variable that the user has set. A function deployed elsewhere or under another name has all that tells of it from there.
fn variable<'a>(config: &'a SessionConfig, name: &str) -> Option<&'a str> {
    config.env.iter().rfind(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

fn region(config: &SessionConfig) -> &str {
    variable(config, "AWS_REGION").or(variable(config, "AWS_DEFAULT_REGION")).unwrap_or("us-east-1")
}

fn name<'a>(target: &'a Target, config: &'a SessionConfig) -> &'a str {
    variable(config, "AWS_LAMBDA_FUNCTION_NAME").unwrap_or(&target.name)
}

fn read_files(paths: &[PathBuf]) -> Vec<(PathBuf, Vec<u8>)> {
    paths.iter().take(MOST_FILES).filter_map(|path| Some((path.clone(), read_head(path)?))).collect()
}

fn read_head(path: &Path) -> Option<Vec<u8>> {
    // A file that cannot be read teaches nothing; the function itself will tell if it needs it.
    let mut content = std::fs::read(path).ok()?;
    content.truncate(LONGEST_FILE);
    Some(content)
}

/// Where observers show in the function's own file system.
const OBSERVERS: &str = "/run/evfuzz/observer";

/// Where the canary commands show in the function's own file system: payloads lead there.
const CANARIES: &str = Canaries::FOLDER;

/// Files whose path has a word like a nonce: which of them a function opens is told, and nothing else of what it opens.
const NONCES: PathMark = PathMark { begin: *b"ev", length: Nonce::LEN as u8 };

/// AWS "Lambda quotas": 1,024 processes and threads, 1,024 descriptors, 512 MB of `/tmp` unless more is asked for.
fn limits(config: &SessionConfig) -> Limits {
    const MB: u64 = 1 << 20;
    let scratch = config.tmp_mb * MB;
    Limits {
        memory: Some(config.memory_mb * MB),
        processes: 1024,
        open_files: 1024,
        // Beyond scratch, so that a file that does not fit ends in ENOSPC, as in Lambda, instead of a signal.
        file_size: scratch + 64 * MB,
        scratch,
        // The pool replaces an environment long before.
        cpu: Some(Duration::from_secs(3600)),
        lifetime: Some(Duration::from_secs(2 * 3600)),
        ..Limits::default()
    }
}

/// Lambda's environment with canary credentials, then the user's variables.
fn environment(target: &Target, placed: &Placed, config: &SessionConfig) -> Vec<(String, String)> {
    let credentials = credentials(target);
    let memory_mb = u32::try_from(config.memory_mb).unwrap_or(u32::MAX);
    let region = region(config).to_owned();
    let mut meta = FunctionMeta { memory_mb, region, ..FunctionMeta::new(name(target, config), credentials) };
    if let Some(version) = variable(config, VERSION) {
        // AWS "Lambda log streams": the name of a stream holds the version.
        meta.log_stream = meta.log_stream.replace(&meta.version, version);
        version.clone_into(&mut meta.version);
    }
    evfuzz_runtimes::environment(target, placed, &meta, &config.env)
}

/// Credentials that open nothing, and stand nowhere else: where one shows, it has leaked. The same function always has the
/// same, so that a run can be repeated.
///
/// AWS "IAM identifiers": keys of temporary credentials begin with ASIA, and a secret key has 40 characters. A session token
/// has no fixed length. Letters and digits alone look the same in every text, however it is quoted.
fn credentials(target: &Target) -> Credentials {
    let token = |purpose: &str, length: usize| -> String {
        const CHARACTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let mut hasher = blake3::Hasher::new_derive_key("evfuzz canary credentials");
        for part in [purpose, &target.name, &target.root.to_string_lossy()] {
            hasher.update(part.as_bytes());
            hasher.update(&[0]);
        }
        let mut bytes = vec![0; length];
        hasher.finalize_xof().fill(&mut bytes);
        bytes.into_iter().map(|byte| char::from(CHARACTERS[usize::from(byte) % CHARACTERS.len()])).collect()
    };
    Credentials {
        access_key_id: "ASIAEVFUZZCANARY0000".to_owned(),
        secret_access_key: token("secret access key", 40),
        session_token: token("session token", 200),
    }
}

/// The values that no output may hold: of its credentials, and of the variables of the user that look like secrets.
fn secrets(target: &Target, config: &SessionConfig) -> Secrets {
    let credentials = credentials(target);
    // The key id is none: it stands in the header of every signed request.
    let own = [
        ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key.as_str()),
        ("AWS_SESSION_TOKEN", &credentials.session_token),
    ];
    let of_user = config.env.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    Secrets::new(own.into_iter().chain(of_user.filter(|(name, value)| is_secret(name, value))))
}
