//! The clients of the matrix: their versions, how each is fetched and built, and how `evfuzz` is told to use it.
//!
//! All come from their registries by their ordinary package clients, into `target/fetched`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::fetched::{before_path, cached, run};
use crate::support::root;

/// Versions, all in one place. `lambda_runtime`, `aws-lambda-go` and the Java client stand in the manifests of their
/// functions, beside what they need.
const AWSLAMBDARIC: &str = "4.2.2";
const AWS_LAMBDA_RIC_3: &str = "3.3.0";
const AWS_LAMBDA_RIC_4: &str = "4.0.2";
const NODE_20: &str = "20.20.2";
const NODE_22: &str = "22.23.3";
const MAVEN_DEPENDENCY_PLUGIN: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";

/// A row of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    OurNode20,
    OurNode22,
    OurPython,
    AwsLambdaRic3,
    AwsLambdaRic4,
    Awslambdaric,
    LambdaRuntime,
    AwsLambdaGo,
    Java,
    Shell,
}

impl Client {
    pub(crate) const ALL: [Client; 10] = [
        Client::OurNode20,
        Client::OurNode22,
        Client::OurPython,
        Client::AwsLambdaRic3,
        Client::AwsLambdaRic4,
        Client::Awslambdaric,
        Client::LambdaRuntime,
        Client::AwsLambdaGo,
        Client::Java,
        Client::Shell,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Client::OurNode20 => "ours, Node 20",
            Client::OurNode22 => "ours, Node 22",
            Client::OurPython => "ours, Python",
            Client::AwsLambdaRic3 => "aws-lambda-ric 3, Node 20",
            Client::AwsLambdaRic4 => "aws-lambda-ric 4, Node 22",
            Client::Awslambdaric => "awslambdaric, Python",
            Client::LambdaRuntime => "lambda_runtime, Rust",
            Client::AwsLambdaGo => "aws-lambda-go",
            Client::Java => "Java client",
            Client::Shell => "bash and curl",
        }
    }

    /// The handler that answers in one piece, where functions have a name.
    pub(crate) fn handler(self) -> Option<&'static str> {
        match self {
            Client::OurNode20 | Client::OurNode22 | Client::AwsLambdaRic3 | Client::AwsLambdaRic4 => {
                Some("index.handler")
            }
            Client::OurPython | Client::Awslambdaric => Some("function.handler"),
            Client::Java => Some("conformance.Function::handleRequest"),
            Client::LambdaRuntime | Client::AwsLambdaGo | Client::Shell => None,
        }
    }
}

/// The handler that returns its event, in the file or class of `handler`.
pub(crate) fn identity(handler: &str) -> String {
    let place =
        handler.rsplit_once("::").or_else(|| handler.rsplit_once('.')).map_or(handler, |(place, _)| place);
    format!("{place}{}identity", if handler.contains("::") { "::" } else { "." })
}

/// A client that can be used.
pub(crate) struct Ready {
    /// Folder of the function.
    pub(crate) function: PathBuf,
    /// What `evfuzz invoke` is told of the client and the runtime.
    pub(crate) args: Vec<String>,
    /// A folder of interpreters that comes first in `PATH`.
    pub(crate) path: Option<PathBuf>,
}

/// Fetches and builds what `client` needs, if it is not there yet.
///
/// # Errors
///
/// Which tool is missing, or how it failed.
pub(crate) fn ready(client: Client) -> Result<Ready, String> {
    let official = |folder: &Path| {
        vec![
            "--client".to_owned(),
            "official".to_owned(),
            "--client-dir".to_owned(),
            folder.to_str().unwrap().to_owned(),
        ]
    };
    let with = |function: PathBuf, args: Vec<String>, path| Ok(Ready { function, args, path });
    match client {
        Client::OurNode20 => with(source("node"), vec![], Some(node(NODE_20)?.join("bin"))),
        Client::OurNode22 => with(source("node"), vec![], Some(node(NODE_22)?.join("bin"))),
        Client::OurPython => {
            python_version()?;
            with(source("python"), vec![], None)
        }
        Client::AwsLambdaRic3 => {
            let node = node(NODE_20)?;
            with(source("node"), official(&aws_lambda_ric(AWS_LAMBDA_RIC_3, &node)?), Some(node.join("bin")))
        }
        Client::AwsLambdaRic4 => {
            let node = node(NODE_22)?;
            with(source("node"), official(&aws_lambda_ric(AWS_LAMBDA_RIC_4, &node)?), Some(node.join("bin")))
        }
        Client::Awslambdaric => with(source("python"), official(&awslambdaric()?), None),
        Client::LambdaRuntime => with(rust()?, vec![], None),
        Client::AwsLambdaGo => with(go()?, vec![], None),
        Client::Java => {
            let folder = java()?;
            with(folder.join("function"), official(&folder.join("client")), None)
        }
        Client::Shell => {
            run(Command::new("curl").arg("--version"))?;
            with(source("bash"), vec![], None)
        }
    }
}

/// The function in this language, as it lies in the repository.
fn source(language: &str) -> PathBuf {
    root().join("tests/conformance/functions").join(language)
}

/// The text of these files, which are part of the recipe of what is built from them.
fn content(folder: &Path, files: &[&str]) -> String {
    files.iter().map(|name| fs::read_to_string(folder.join(name)).unwrap()).collect::<Vec<_>>().join("\n")
}

fn utf8(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// An interpreter, its headers included: packages on npm carry both.
///
/// `node@22` is a package that installs this one by a script of its own; this is the same thing without the script.
fn node(version: &str) -> Result<PathBuf, String> {
    let arch = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => return Err(format!("npm has no Node.js for {other}")),
    };
    let package = format!("node-linux-{arch}");
    let wanted = format!("{package}@{version}");
    let folder = cached(&format!("node-{version}"), &wanted, |folder| {
        run(npm_install(folder, &wanted).arg("--ignore-scripts")).map(drop)
    })?;
    Ok(folder.join("node_modules").join(package))
}

fn npm_install(folder: &Path, package: &str) -> Command {
    let mut command = Command::new("npm");
    command.args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix", utf8(folder), package]);
    command
}

/// `aws-lambda-ric`, whose native part is built from source: cmake, autoconf, automake, libtool, make and g++ are needed.
///
/// It must be built by and for the Node that will run it. `npm_config_nodedir` says where that one's headers are; without
/// it npm would download them, or take those of another Node that the machine's own configuration names.
fn aws_lambda_ric(version: &str, node: &Path) -> Result<PathBuf, String> {
    let folder = format!("aws-lambda-ric-{version}");
    cached(&folder, &format!("{version} for {}", node.display()), |folder| {
        run(npm_install(folder, &format!("aws-lambda-ric@{version}"))
            .env("PATH", before_path(&node.join("bin")))
            .env("npm_config_nodedir", node)
            .env("MAKEFLAGS", "-j2"))?;
        let package = folder.join("node_modules/aws-lambda-ric");
        let built =
            ["dist/rapid-client.node", "rapid-client.node"].iter().any(|it| package.join(it).is_file());
        if built { Ok(()) } else { Err("npm did not run the scripts of aws-lambda-ric".to_owned()) }
    })
}

fn python_version() -> Result<String, String> {
    run(Command::new("python3").arg("--version"))
}

fn awslambdaric() -> Result<PathBuf, String> {
    // Its native part belongs to one version of Python.
    let recipe = format!("{AWSLAMBDARIC} for {}", python_version()?);
    cached("awslambdaric", &recipe, |folder| {
        let wanted = format!("awslambdaric=={AWSLAMBDARIC}");
        run(Command::new("python3")
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(["--target", utf8(folder), &wanted]))
        .map(drop)
    })
}

fn rust() -> Result<PathBuf, String> {
    let source = source("rust");
    let recipe = content(&source, &["Cargo.toml", "Cargo.lock", "src/main.rs"]);
    cached("conformance-rust", &recipe, |folder| {
        let target = folder.join("target");
        run(Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--release", "--locked", "--manifest-path"])
            .arg(source.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(&target))?;
        keep_only(&target, "release/bootstrap", &folder.join("bootstrap"))
    })
}

/// What is needed of a build folder of hundreds of megabytes.
fn keep_only(target: &Path, built: &str, kept: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("cannot keep {built}: {error}");
    fs::rename(target.join(built), kept).map_err(failed)?;
    fs::remove_dir_all(target).map_err(failed)
}

fn go() -> Result<PathBuf, String> {
    let source = source("go");
    let recipe = content(&source, &["go.mod", "go.sum", "main.go"]);
    cached("conformance-go", &recipe, |folder| {
        run(Command::new("go")
            .args(["build", "-trimpath", "-mod=readonly", "-ldflags=-s -w", "-o"])
            .arg(folder.join("bootstrap"))
            .arg(".")
            .env("CGO_ENABLED", "0")
            .current_dir(&source))
        .map(drop)
    })
}

fn java() -> Result<PathBuf, String> {
    let source = source("java");
    let recipe = content(&source, &["pom.xml", "src/conformance/Function.java"]) + MAVEN_DEPENDENCY_PLUGIN;
    cached("conformance-java", &recipe, |folder| {
        let client = folder.join("client");
        run(Command::new("mvn")
            .args(["--quiet", "--batch-mode", "--file"])
            .arg(source.join("pom.xml"))
            .arg(format!("{MAVEN_DEPENDENCY_PLUGIN}:copy-dependencies"))
            .arg(format!("-DoutputDirectory={}", client.display())))?;
        let mut jars: Vec<PathBuf> = fs::read_dir(&client)
            .map_err(|error| format!("mvn has copied nothing: {error}"))?
            .flatten()
            .map(|entry| entry.path())
            .collect();
        jars.sort();
        run(Command::new("javac")
            .args(["--release", "11", "-encoding", "UTF-8", "-cp"])
            .arg(std::env::join_paths(jars).unwrap())
            .arg("-d")
            .arg(folder.join("function"))
            .arg(source.join("src/conformance/Function.java")))
        .map(drop)
    })
}
