//! The variables that Lambda sets for a function.

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
            credentials,
        }
    }
}

/// The complete environment of the function's process, but for `AWS_LAMBDA_RUNTIME_API`, which
/// only the emulator knows.
///
/// The list is meant to *replace* the environment, never to be added to ours. A name occurs once.
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
/// - Layers come where Lambda has them: after the code for packages, last in `PATH`.
pub fn environment(target: &Target, placed: &Placed, meta: &FunctionMeta) -> Vec<(String, String)> {
    let root = placed.root.to_string_lossy().into_owned();
    let opt = placed.opt.as_ref().map(|it| it.to_string_lossy().into_owned());
    let mut path: Vec<String> =
        placed.path_dirs.iter().map(|dir| dir.to_string_lossy().into_owned()).collect();
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

    // AWS-recorded environments: reference/runtime-api.md section 5.
    let mut variables: Vec<(&str, String)> = vec![
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
        ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR".to_owned()),
        ("AWS_XRAY_DAEMON_ADDRESS", "169.254.100.1:2000".to_owned()),
        ("_AWS_XRAY_DAEMON_ADDRESS", "169.254.100.1".to_owned()),
        ("_AWS_XRAY_DAEMON_PORT", "2000".to_owned()),
        ("LAMBDA_RUNTIME_DIR", placed.runtime_dir.to_string_lossy().into_owned()),
        ("LAMBDA_TASK_ROOT", root.clone()),
        ("LANG", "en_US.UTF-8".to_owned()),
        ("LD_LIBRARY_PATH", libraries.join(":")),
        ("PATH", path.join(":")),
        ("TZ", ":UTC".to_owned()),
        ("_HANDLER", target.handler.clone()),
    ];
    match &target.runtime {
        Runtime::Node { version } => {
            variables.push(("AWS_EXECUTION_ENV", format!("AWS_Lambda_{}", target.runtime.id())));
            let layers = opt.map(|it| {
                format!("{it}/nodejs/node{}/node_modules:{it}/nodejs/node_modules:", version.major)
            });
            let layers = layers.unwrap_or_default();
            variables.push(("NODE_PATH", format!("{layers}{root}/node_modules:{root}")));
        }
        Runtime::Python { version } => {
            if let Some(opt) = opt {
                let packages = format!("lib/python{}.{}/site-packages", version.major, version.minor);
                variables.push(("PYTHONPATH", format!("{opt}/python/{packages}:{opt}/python")));
            }
            variables.push(("AWS_EXECUTION_ENV", format!("AWS_Lambda_{}", target.runtime.id())));
            variables.push(("LC_CTYPE", "C.UTF-8".to_owned()));
            variables.push(("PWD", root));
            variables.push(("SHLVL", "0".to_owned()));
        }
        // AWS-recorded: provided runtimes have no AWS_EXECUTION_ENV.
        Runtime::Provided => {}
    }

    let mut environment: Vec<(String, String)> =
        variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    for (name, value) in &target.launch.env {
        match environment.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => old.clone_from(value),
            None => environment.push((name.clone(), value.clone())),
        }
    }
    environment
}
