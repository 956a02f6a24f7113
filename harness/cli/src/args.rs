//! What can be typed. Inert: nothing is read or checked here but the text itself.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, RangedU64ValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use evfuzz_engine::OracleId;
use evfuzz_generators::payload::PayloadClass;
use evfuzz_generators::source::EventSource;

/// Fuzzes AWS Lambda functions through their events, on your own machine.
#[derive(Debug, Parser)]
#[command(name = "evfuzz", version, about, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 nothing found · 1 findings · 2 usage · 3 the function cannot be started, or fails in
the same way on every event · 4 nothing could be executed, or results could not be written ·
101 a bug in evfuzz · 130 interrupted (results are saved)";

const DOCTOR_EXIT_CODES: &str = "\
Exit codes: 0 functions can be confined and every promise is kept · 2 usage · 4 evfuzz would refuse
to run here, or the report could not be written";

const INVOKE_EXIT_CODES: &str = "\
Exit codes: 0 every event was answered · 1 an invocation ended in an error · 2 usage · 3 the function
cannot be found · 4 nothing could be executed, or results could not be written";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Fuzz a function: find commands, code and crashes that an event can cause
    #[command(after_help = EXIT_CODES)]
    Run(RunArgs),
    /// Send stored findings again: STILL FAILING, FIXED or FLAKY
    #[command(after_help = EXIT_CODES)]
    Replay(ReplayArgs),
    /// Deliver events to a function and print what the Invoke API of AWS would return
    #[command(after_help = INVOKE_EXIT_CODES)]
    Invoke(InvokeArgs),
    /// Print events as a source would send them, one JSON document per line
    Generate(GenerateArgs),
    /// Say who sends an event, and which texts in it a sender controls, through every encoding
    Inspect(InspectArgs),
    /// Say what an oracle looks for, why a finding is proof, and how to fix it
    Explain(ExplainArgs),
    /// Look around in the sandbox of a function: the same files, environment and limits, but no Runtime API
    Shell(ShellArgs),
    /// Say what confines functions on this machine, and what to do about what is missing
    #[command(after_help = DOCTOR_EXIT_CODES)]
    Doctor(DoctorArgs),
    /// Compare the speed of the emulator with a bare HTTP server
    Bench(BenchArgs),
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// End after this time, such as 30s, 10m, 1h [default: 30s, unless --invocations is given]
    #[arg(long, value_parser = duration)]
    pub(crate) time: Option<Duration>,
    /// End after this number of delivered events
    #[arg(long, value_name = "N")]
    pub(crate) invocations: Option<u64>,
    /// Processes of the function that work side by side [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) workers: Option<u16>,
    /// Event source to fuzz; can be repeated [default: what the function's code points to]
    #[arg(long, value_name = "SOURCE", value_parser = sources())]
    pub(crate) source: Vec<String>,
    /// A valid event of yours to start from, or a log or an export of one with events in it; can be repeated [default:
    /// events/*.json beside the function]
    #[arg(long, value_name = "FILE")]
    pub(crate) event: Vec<PathBuf>,
    /// Also try events that no sender can make, with something missing, null, empty or of another type; what they show is kept
    /// apart and hidden
    #[arg(long)]
    pub(crate) robustness: bool,
    /// The same, and report what they show as findings
    #[arg(long)]
    pub(crate) show_forged: bool,
    /// Words to try, in the format of libFuzzer and AFL++; @LEVEL takes words of higher levels, too; can be repeated, and is
    /// added to what evfuzz.toml names
    #[arg(long, value_name = "FILE[@LEVEL]")]
    pub(crate) dict: Vec<PathBuf>,
    /// Where findings are stored [default: corpora/<function>]
    #[arg(long, value_name = "DIR")]
    pub(crate) corpus: Option<PathBuf>,
    /// Number that drives all choices [default: another one each time; it is printed]
    #[arg(long, value_name = "N")]
    pub(crate) rng_seed: Option<u64>,
    /// Keep what the function leaves in its /tmp, and say where
    #[arg(long)]
    pub(crate) keep_sandbox: bool,
    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Print findings and errors only
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// Corpora, or folders or files of single findings
    #[arg(required = true)]
    pub(crate) path: Vec<PathBuf>,
    /// Folder or file of the function [default: as stored in the finding]
    #[arg(long = "function", value_name = "DIR")]
    pub(crate) function_path: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) function: FunctionArgs,
    #[command(flatten)]
    pub(crate) isolation: IsolationArgs,
    /// Of a corpus, also replay the findings on events that no sender can make
    #[arg(long)]
    pub(crate) show_forged: bool,
    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct InvokeArgs {
    /// File with an event, - for standard input; can be repeated: all go to one execution
    /// environment, one after the other
    #[arg(long, value_name = "FILE")]
    pub(crate) event: Vec<PathBuf>,
    /// An event as text; can be repeated, and comes after those of --event
    #[arg(long, value_name = "JSON")]
    pub(crate) data: Vec<String>,
    /// A valid event of this source [default, if no other event is given: {}]
    #[arg(long, value_name = "SOURCE", value_parser = sources())]
    pub(crate) source: Option<String>,
    /// JSON object of the client's context, as mobile SDKs send it
    #[arg(long, value_name = "JSON", value_parser = json_object)]
    pub(crate) client_context: Option<String>,
    /// JSON object of the caller's identity: cognitoIdentityId and cognitoIdentityPoolId
    #[arg(long, value_name = "JSON", value_parser = json_object)]
    pub(crate) cognito_identity: Option<String>,
    /// Tenant of a function with tenant isolation
    #[arg(long, value_name = "ID")]
    pub(crate) tenant_id: Option<String>,
    /// X-Ray trace header
    #[arg(long, value_name = "TEXT")]
    pub(crate) trace_id: Option<String>,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// Which function, how it is started and what confines it.
#[derive(Debug, Args)]
pub(crate) struct TargetArgs {
    /// Folder or file of the function
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    #[command(flatten)]
    pub(crate) function: FunctionArgs,
    #[command(flatten)]
    pub(crate) isolation: IsolationArgs,
}

/// The default is as if nothing had been typed.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct FunctionArgs {
    /// Handler, such as index.handler, src/app.lambda_handler or pkg.Class::method
    #[arg(long)]
    pub(crate) handler: Option<String>,
    /// Runtime, such as nodejs20.x, python3.12, java21 or provided
    #[arg(long)]
    pub(crate) runtime: Option<String>,
    /// Whose code speaks the Runtime API in the function's process: our own, which is fast, or the official client of AWS,
    /// which the managed runtimes contain
    #[arg(long, value_enum, default_value_t = Client::Evfuzz)]
    pub(crate) client: Client,
    /// Folder in which an official client is installed, for --client official, Java and Ruby; can be repeated [default: the
    /// function's own packages, and the interpreter's]
    #[arg(long, value_name = "DIR")]
    pub(crate) client_dir: Vec<PathBuf>,
    /// Variable for the function: NAME=VALUE, or NAME to pass on the caller's; can be repeated
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub(crate) env: Vec<String>,
    /// Time for one invocation [default: 3s, as in Lambda]
    #[arg(long, value_parser = duration)]
    pub(crate) timeout: Option<Duration>,
    /// Time until the function asks for its first event [default: 10s, as in Lambda]
    #[arg(long, value_parser = duration)]
    pub(crate) init_timeout: Option<Duration>,
    #[command(flatten)]
    pub(crate) size: SizeArgs,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Client {
    /// Our own, for Node and Python
    #[default]
    Evfuzz,
    /// awslambdaric, aws-lambda-ric and the like
    Official,
}

/// What Lambda would be configured with. AWS "Lambda quotas" has the ranges.
#[derive(Clone, Debug, Args)]
pub(crate) struct SizeArgs {
    /// Memory of the function in MB; beyond it the process is killed, as in Lambda
    #[arg(long, value_name = "MB", default_value_t = SizeArgs::default().memory, value_parser = clap::value_parser!(u64).range(128..=10240))]
    pub(crate) memory: u64,
    /// Size of its /tmp in MB
    #[arg(long, value_name = "MB", default_value_t = SizeArgs::default().tmp, value_parser = clap::value_parser!(u64).range(1..=10240))]
    pub(crate) tmp: u64,
    /// Folder with the content of a layer, shown at /opt; can be repeated, later ones win
    #[arg(long, value_name = "DIR")]
    pub(crate) layer: Vec<PathBuf>,
}

impl Default for SizeArgs {
    /// `/tmp` as in Lambda. Memory is more than Lambda's 128 MB, which few functions are left with.
    fn default() -> Self {
        SizeArgs { memory: 1024, tmp: 512, layer: Vec::new() }
    }
}

#[derive(Debug, Args)]
pub(crate) struct IsolationArgs {
    #[command(flatten)]
    pub(crate) mechanisms: MechanismArgs,
    /// Run even if the function cannot be confined on this machine
    #[arg(long)]
    pub(crate) allow_weak_isolation: bool,
}

#[derive(Debug, Args)]
pub(crate) struct MechanismArgs {
    /// Barriers around the function
    #[arg(long, value_enum, default_value_t = Barriers::Auto)]
    pub(crate) isolation: Barriers,
    /// How started programs are watched
    #[arg(long, value_enum, default_value_t = ExecWatch::Auto)]
    pub(crate) exec_watch: ExecWatch,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) mechanisms: MechanismArgs,
    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct ShellArgs {
    /// Folder to be its /tmp, such as one that --keep-sandbox kept [default: an empty one]
    #[arg(long, value_name = "DIR")]
    pub(crate) scratch: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// What to run there [default: bash, else sh]
    #[arg(last = true)]
    pub(crate) command: Vec<std::ffi::OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    /// Event source
    #[arg(value_parser = sources(), required_unless_present = "list")]
    pub(crate) source: Option<String>,
    /// How many events
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) count: usize,
    /// Mutate every event, not only those beyond the valid ones
    #[arg(long)]
    pub(crate) mutate: bool,
    /// Events in which something is missing, null, empty or of another type: each case once, or with --mutate any at random
    #[arg(long, conflicts_with = "class")]
    pub(crate) robustness: bool,
    /// Plant payloads of this class, one in each event
    #[arg(long, value_name = "CLASS", value_parser = payload_class)]
    pub(crate) class: Vec<PayloadClass>,
    /// Words for mutated events, in the format of libFuzzer and AFL++; @LEVEL takes words of higher levels, too; can be repeated,
    /// and is added to what evfuzz.toml names
    #[arg(long, value_name = "FILE[@LEVEL]")]
    pub(crate) dict: Vec<PathBuf>,
    /// Say on standard error what is planted where, who controls it, what was changed, who can make such an event, and how it
    /// is delivered
    #[arg(long)]
    pub(crate) explain: bool,
    /// List the event sources and the classes of payloads
    #[arg(long)]
    pub(crate) list: bool,
    /// Number that drives all choices
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) rng_seed: u64,
    /// Learn key names from this function, and read its evfuzz.toml [default: the one in the current folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) function: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// File with an event, with several, or a log or an export of one with events in it: JSON, or as Python and Node print
    /// objects
    pub(crate) event: PathBuf,
    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

fn payload_class(id: &str) -> Result<PayloadClass, String> {
    PayloadClass::from_id(id)
        .ok_or_else(|| "no class of payloads is called so; `evfuzz generate --list` names them".to_owned())
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// Oracle
    #[arg(value_parser = PossibleValuesParser::new(OracleId::ALL.map(OracleId::id)))]
    pub(crate) oracle: String,
}

#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// Function to measure with; it should return its event at once
    #[arg(default_value = "targets/node-echo")]
    pub(crate) path: PathBuf,
    #[command(flatten)]
    pub(crate) function: FunctionArgs,
    /// Rounds; the median counts
    #[arg(long, default_value_t = 7, value_name = "N", value_parser = some())]
    pub(crate) rounds: usize,
    /// Length of one measurement
    #[arg(long, default_value = "1s", value_parser = duration)]
    pub(crate) time: Duration,
    /// Invoke URL of another emulator on this machine that runs the same function, to be measured in turn
    #[arg(long, value_name = "URL")]
    pub(crate) beside: Option<String>,
    /// Deliver this number of events instead, and say what memory evfuzz itself uses meanwhile
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) soak: Option<u64>,
    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// One JSON object per line on standard output
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Barriers {
    /// Landlock and namespaces, as far as the machine has them
    Auto,
    /// Landlock alone
    Landlock,
    /// Namespaces alone
    Namespaces,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExecWatch {
    /// The fastest that works
    Auto,
    /// seccomp user notification
    Notify,
    /// ptrace
    Ptrace,
}

fn sources() -> PossibleValuesParser {
    PossibleValuesParser::new(EventSource::ALL.map(EventSource::id))
}

/// The text of a JSON object, as it is: clients look for members of it, and fail in the function's name without an object.
fn json_object(text: &str) -> Result<String, String> {
    use serde::de::{IgnoredAny, MapAccess, Visitor};
    struct Object;
    impl<'de> Visitor<'de> for Object {
        type Value = ();
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a JSON object such as {\"key\":\"value\"}")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
            while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(())
        }
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    serde::Deserializer::deserialize_map(&mut reader, Object)
        .and_then(|()| reader.end())
        .map(|()| text.to_owned())
        .map_err(|error| error.to_string())
}

/// A number of at least one.
fn some() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..)
}

/// `30s`, `10m`, `1h`, `300ms`; a bare number means seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let parsed = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            humantime::parse_duration(text).map_err(|error| format!("{error}; try 30s, 10m or 300ms"))?
        }
    };
    if parsed.is_zero() { Err("must be more than nothing".to_owned()) } else { Ok(parsed) }
}
