//! The variables that Lambda sets for a function.

use std::path::Path;

use crate::{Placed, Runtime, Target};

/// What the service knows about a function besides its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionMeta {
    /// Function name.
    pub name: String,
    /// Function version, normally `$LATEST`.
    pub version: String,
    /// Memory size in MB.
    pub memory_mb: u32,
    /// AWS region.
    pub region: String,
    /// Log group, normally `/aws/lambda/NAME`.
    pub log_group: String,
    /// Log stream, normally `YYYY/MM/DD/[$LATEST]` and 32 hexadecimal digits.
    pub log_stream: String,
    /// What the metadata endpoint asks for.
    pub metadata_token: String,
    /// The credentials that the function finds in its environment: canaries, never real ones.
    pub credentials: Credentials,
}

/// Credentials as they appear in the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: String,
    /// `AWS_SESSION_TOKEN`.
    pub session_token: String,
}

impl FunctionMeta {
    /// Conventional values for everything but the credentials: version `$LATEST`, 1,024 MB,
    /// us-east-1.
    pub fn new(name: &str, credentials: Credentials) -> Self {
        Self {
            name: name.to_owned(),
            version: "$LATEST".to_owned(),
            memory_mb: 1024,
            region: "us-east-1".to_owned(),
            log_group: format!("/aws/lambda/{name}"),
            log_stream: "2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef".to_owned(),
            metadata_token: "evfuzz-metadata-token".to_owned(),
            credentials,
        }
    }
}

/// The descriptor that runtimes get for log records. AWS-recorded for Java and .NET, where the variable stays visible.
const RECORDS_FD: &str = "62";

/// Why a person cannot set a variable of this name.
///
/// AWS "Environment variables", reserved ones: CreateFunction refuses them. Those that only say where and as what a function
/// runs are allowed here, since they stand for another deployment: the region, the runtime's name, the function's name and
/// version, the kind of initialization.
pub fn reserved(name: &str) -> Option<&'static str> {
    match name {
        "AWS_ACCESS_KEY"
        | "AWS_ACCESS_KEY_ID"
        | "AWS_SECRET_KEY"
        | "AWS_SECRET_ACCESS_KEY"
        | "AWS_SESSION_TOKEN" => Some("functions get canary credentials, never real ones"),
        // Official clients then start several processes or threads, as soon as it is there.
        "AWS_LAMBDA_MAX_CONCURRENCY" => Some("one environment serves one event at a time here"),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE" => Some("use --memory"),
        "AWS_LAMBDA_RUNTIME_API"
        | "AWS_LAMBDA_METADATA_API"
        | "AWS_LAMBDA_METADATA_TOKEN"
        | "LAMBDA_TASK_ROOT"
        | "LAMBDA_RUNTIME_DIR" => Some("Lambda reserves it"),
        // AWS: names begin with a letter.
        _ if !name.starts_with(|it: char| it.is_ascii_alphabetic()) => {
            Some("Lambda's names begin with a letter")
        }
        _ if !name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_') => {
            Some("Lambda's names consist of letters, digits and underscores")
        }
        _ => None,
    }
}

/// The complete environment of the function's process, but for `AWS_LAMBDA_RUNTIME_API`, which
/// only the emulator knows.
///
/// The list is meant to *replace* the environment, never to be added to ours. A name occurs once. `customer` is what the
/// person has set: it goes over what the platform only proposes (`PATH`, `LANG`, `TZ`, ...), and where it is [`reserved`] it
/// is left out.
///
/// - `PATH` is the launch's own folders, then `/usr/local/bin:/usr/bin:/bin` as in Lambda. On a
///   machine whose tools live elsewhere a function finds less than the developer's shell does:
///   that is what happens in Lambda too.
/// - `HOME` is absent, as in Lambda. A sandbox that wants one sets it to the scratch folder.
/// - `LD_LIBRARY_PATH` names only the function's own folders: Lambda's other entries belong to
///   its image, and local ones in their place would change which libraries programs load.
/// - `_X_AMZN_TRACE_ID` is set by the client for each invocation.
/// - `AWS_LAMBDA_MAX_CONCURRENCY` is never set: its mere presence switches official clients to
///   several processes or threads.
/// - Layers come where Lambda has them: after the code for packages, last in `PATH`; as there, with or without layers.
pub fn environment(
    target: &Target,
    placed: &Placed,
    meta: &FunctionMeta,
    customer: &[(String, String)],
) -> Vec<(String, String)> {
    let mut environment = Variables::default();
    for (name, value) in proposed(target, placed) {
        environment.set(name, value);
    }
    for (name, value) in platform(target, placed, meta) {
        environment.set(name, value);
    }
    for (name, value) in &target.launch.env {
        environment.set(name, value.clone());
    }
    for (name, value) in customer.iter().filter(|(name, _)| reserved(name).is_none()) {
        environment.set(name, value.clone());
    }
    environment.0
}

#[derive(Default)]
struct Variables(Vec<(String, String)>);

impl Variables {
    fn set(&mut self, name: &str, value: String) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }
}

/// What a person may set otherwise. AWS "Environment variables": not reserved. Values as recorded, see [`platform`].
fn proposed(target: &Target, placed: &Placed) -> Vec<(&'static str, String)> {
    let root = text(&placed.root);
    let opt = placed.opt.as_deref().map(text);
    let mut path: Vec<String> = placed.path_dirs.iter().map(|dir| text(dir)).collect();
    for dir in ["/usr/local/bin", "/usr/bin", "/bin"] {
        if !path.iter().any(|known| known == dir) {
            path.push(dir.to_owned());
        }
    }
    let mut libraries = vec![root.clone(), format!("{root}/lib")];
    if let Some(opt) = &opt {
        path.push(format!("{opt}/bin"));
        libraries.push(format!("{opt}/lib"));
    }
    let mut variables = vec![
        ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR".to_owned()),
        ("AWS_XRAY_DAEMON_ADDRESS", "169.254.100.1:2000".to_owned()),
        ("LANG", "en_US.UTF-8".to_owned()),
        ("LD_LIBRARY_PATH", libraries.join(":")),
        ("PATH", path.join(":")),
        ("TZ", ":UTC".to_owned()),
    ];
    let layered = |parts: &[String]| {
        let layers = opt.iter().flat_map(|opt| parts.iter().map(move |part| format!("{opt}/{part}")));
        layers.collect::<Vec<_>>()
    };
    match &target.runtime {
        Runtime::Node { version } => {
            let mut modules = layered(&[
                format!("nodejs/node{}/node_modules", version.major),
                "nodejs/node_modules".to_owned(),
            ]);
            // AWS-recorded; packages of the code itself are found from where it lies.
            let runtime = text(&placed.runtime_dir);
            modules.extend([format!("{runtime}/node_modules"), runtime, root]);
            variables.push(("NODE_PATH", modules.join(":")));
            variables.extend(of_shell(placed));
        }
        Runtime::Python { version } => {
            let packages = format!("python/lib/python{}.{}/site-packages", version.major, version.minor);
            // Recorded: /var/runtime alone. Its bootstrap puts layers into `sys.path`, which the official client does not.
            let layers = || layered(&[packages, "python".to_owned()]);
            let mut packages = target.opt.as_ref().map(|_| layers()).unwrap_or_default();
            packages.extend(placed.packages.iter().map(|dir| text(dir)));
            if !packages.is_empty() {
                variables.push(("PYTHONPATH", packages.join(":")));
            }
            if version.minor >= 12 {
                // PEP 538: Amazon Linux 2023 does not have the locale that LANG names, and Python replaces it.
                variables.push(("LC_CTYPE", "C.UTF-8".to_owned()));
            }
            variables.extend(of_shell(placed));
        }
        Runtime::Ruby { version } => {
            // GEM_HOME is left out: gems of this machine would not be found any more.
            let runtime = text(&placed.runtime_dir);
            let release = format!("{}.{}.0", version.major, version.minor);
            let mut gems = vec![format!("{root}/vendor/bundle/ruby/{release}")];
            gems.extend(layered(&[format!("ruby/gems/{release}")]));
            gems.extend([runtime.clone(), format!("{runtime}/ruby/{release}")]);
            let mut libraries: Vec<String> = placed.packages.iter().map(|dir| text(dir)).collect();
            libraries.extend([root, format!("{runtime}/lib")]);
            libraries.extend(layered(&["ruby/lib".to_owned()]));
            variables.push(("GEM_PATH", gems.join(":")));
            variables.push(("RUBYLIB", libraries.join(":")));
            variables.extend(of_shell(placed));
        }
        Runtime::Java { .. } | Runtime::Provided => {}
    }
    variables
}

/// What the shell sets that starts Node, Python and Ruby in Lambda. Java and provided runtimes have no such script.
fn of_shell(placed: &Placed) -> [(&'static str, String); 2] {
    [("PWD", text(&placed.root)), ("SHLVL", "0".to_owned())]
}

/// What Lambda itself sets. AWS-recorded environments of all runtimes: LocalStack,
/// `test_lambda_common.snapshot.json`, `test_introspection_invoke`, 2026-01-12.
///
/// Left out: `NODE_EXTRA_CA_CERTS` of nodejs16.x and nodejs18.x, which names a file of their images.
fn platform(target: &Target, placed: &Placed, meta: &FunctionMeta) -> Vec<(&'static str, String)> {
    let mut variables = vec![
        ("AWS_ACCESS_KEY_ID", meta.credentials.access_key_id.clone()),
        ("AWS_SECRET_ACCESS_KEY", meta.credentials.secret_access_key.clone()),
        ("AWS_SESSION_TOKEN", meta.credentials.session_token.clone()),
        ("AWS_REGION", meta.region.clone()),
        ("AWS_DEFAULT_REGION", meta.region.clone()),
        ("AWS_LAMBDA_FUNCTION_NAME", meta.name.clone()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", meta.memory_mb.to_string()),
        ("AWS_LAMBDA_FUNCTION_VERSION", meta.version.clone()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", meta.log_group.clone()),
        ("AWS_LAMBDA_LOG_STREAM_NAME", meta.log_stream.clone()),
        ("AWS_LAMBDA_METADATA_TOKEN", meta.metadata_token.clone()),
        ("_AWS_XRAY_DAEMON_ADDRESS", "169.254.100.1".to_owned()),
        ("_AWS_XRAY_DAEMON_PORT", "2000".to_owned()),
        ("LAMBDA_RUNTIME_DIR", text(&placed.runtime_dir)),
        ("LAMBDA_TASK_ROOT", text(&placed.root)),
        ("_HANDLER", target.handler.clone()),
    ];
    let execution_env = ("AWS_EXECUTION_ENV", format!("AWS_Lambda_{}", target.runtime.id()));
    match &target.runtime {
        Runtime::Java { version } if version.major < 17 => {
            variables.push(execution_env);
            // Older names of the same. And no descriptor for records.
            variables.push(("AWS_ACCESS_KEY", meta.credentials.access_key_id.clone()));
            variables.push(("AWS_SECRET_KEY", meta.credentials.secret_access_key.clone()));
        }
        Runtime::Node { .. } | Runtime::Python { .. } | Runtime::Java { .. } | Runtime::Ruby { .. } => {
            variables.push(execution_env);
            // Clients of Node, Python and Ruby take it out of the environment, so recordings do not show it there.
            variables.push(("_LAMBDA_TELEMETRY_LOG_FD", RECORDS_FD.to_owned()));
        }
        // Provided runtimes have neither.
        Runtime::Provided => {}
    }
    variables
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;
