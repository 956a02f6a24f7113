//! The libraries in whose hands payloads land, each in the release in which the weakness is there.
//!
//! They come by their ordinary clients into `target/fetched` and are only ever loaded by drivers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::fetched::{cached, run};

/// Template engines, parsers and readers for Python.
const PYTHON: &[&str] = &[
    "airspeed==0.7.1",
    "chameleon==4.6.0",
    "chevron==0.14.0",
    "ct3==3.4.0.post5",
    "django==5.2.19",
    "genshi==0.7.12",
    "jinja2==3.1.6",
    "jsonpickle==4.1.4",
    "ldap3==2.9.1",
    "lxml==6.1.3",
    "mako==1.4.3",
    "mongomock==4.3.0",
    "pystache==0.6.8",
    "pyyaml==6.0.4",
    "tornado==6.6.1",
];

/// Template engines, deep merges and readers for Node.
const NODE: &[&str] = &[
    "art-template@4.13.4",
    "deep-extend@0.5.0",
    "dot@1.1.3",
    "dot-prop@4.2.0",
    "ejs@3.1.6",
    "eta@2.2.0",
    "handlebars@4.7.10",
    "hoek@4.2.0",
    "hogan.js@3.0.2",
    "js-yaml@3.13.0",
    "jsonwebtoken@4.2.1",
    "liquidjs@10.30.1",
    "lodash@4.17.4",
    "mingo@6.7.2",
    "minimist@1.2.0",
    "mustache@4.2.0",
    "node-serialize@0.0.4",
    "nunjucks@3.2.4",
    "pug@3.0.4",
    "set-value@2.0.0",
    "sift@13.5.4",
    "squirrelly@8.0.8",
    "twig@2.0.0",
    "underscore@1.12.0",
    "velocityjs@2.1.7",
];

/// Expression languages, template engines, a YAML reader and a logger for the JVM.
const JAVA: &[&str] = &[
    "org.springframework:spring-expression:5.3.20",
    "ognl:ognl:3.1.12",
    "org.mvel:mvel2:2.4.14.Final",
    "org.apache.tomcat.embed:tomcat-embed-el:9.0.65",
    "org.apache.commons:commons-jexl3:3.2.1",
    "org.freemarker:freemarker:2.3.31",
    "org.apache.velocity:velocity-engine-core:2.3",
    "org.yaml:snakeyaml:1.33",
    "org.apache.logging.log4j:log4j-core:2.14.1",
];

/// DynamoDB local, AWS's own: the one judge of its two query languages.
const DYNAMODB: &[&str] = &["com.amazonaws:DynamoDBLocal:2.5.2"];

/// What a driver needs besides its interpreter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Its standard library.
    Nothing,
    /// `PYTHON`.
    Python,
    /// `NODE`.
    Node,
    /// `JAVA`.
    Java,
    /// `DYNAMODB`.
    DynamoDb,
}

impl Needs {
    /// The folder that holds it.
    ///
    /// # Errors
    ///
    /// What the client said.
    pub(crate) fn folder(self) -> Result<Option<PathBuf>, String> {
        match self {
            Needs::Nothing => Ok(None),
            Needs::Python => pip().map(Some),
            Needs::Node => npm().map(Some),
            Needs::Java => maven("payloads-java", JAVA).map(Some),
            Needs::DynamoDb => maven("payloads-dynamodb", DYNAMODB).map(Some),
        }
    }
}

fn pip() -> Result<PathBuf, String> {
    let python = run(Command::new("python3").args(["-c", "import sys; print(sys.version_info[:2])"]))?;
    cached("payloads-python", &format!("{PYTHON:?} {python}"), |folder| {
        let flags = ["--quiet", "--disable-pip-version-check", "--no-warn-conflicts"];
        run(Command::new("python3")
            .args(["-m", "pip", "install"])
            .args(flags)
            .arg("--target")
            .arg(folder)
            .args(PYTHON))
        .map(drop)
    })
}

fn npm() -> Result<PathBuf, String> {
    cached("payloads-node", &format!("{NODE:?}"), |folder| {
        fs::write(folder.join("package.json"), "{}").map_err(|error| error.to_string())?;
        let flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--silent"];
        run(Command::new("npm").arg("install").args(flags).arg("--prefix").arg(folder).args(NODE)).map(drop)
    })
}

fn maven(name: &str, artifacts: &[&str]) -> Result<PathBuf, String> {
    cached(name, &format!("{artifacts:?}"), |folder| {
        let pom = folder.join("pom.xml");
        fs::write(&pom, project(artifacts)).map_err(|error| error.to_string())?;
        let goal = ["-q", "-B", "dependency:copy-dependencies"];
        let into = format!("-DoutputDirectory={}", folder.join("jars").display());
        run(Command::new("mvn").args(goal).arg(into).arg("-f").arg(&pom)).map(drop)
    })
}

fn project(artifacts: &[&str]) -> String {
    let dependency = |line: &&str| {
        let parts: Vec<&str> = line.split(':').collect();
        let [group, artifact, version] = parts[..] else { panic!("{line} has three parts") };
        format!(
            "<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>\
             <version>{version}</version></dependency>"
        )
    };
    let dependencies: String = artifacts.iter().map(dependency).collect();
    format!(
        "<project xmlns=\"http://maven.apache.org/POM/4.0.0\"><modelVersion>4.0.0</modelVersion>\
         <groupId>evfuzz</groupId><artifactId>payloads</artifactId><version>1</version>\
         <dependencies>{dependencies}</dependencies></project>"
    )
}

/// A driver and the command line that runs it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Driver {
    pub(crate) file: &'static str,
    pub(crate) needs: Needs,
}

impl Driver {
    pub(crate) const fn new(file: &'static str, needs: Needs) -> Driver {
        Driver { file, needs }
    }

    /// The command, without the arguments that every driver gets.
    ///
    /// # Errors
    ///
    /// What is missing.
    pub(crate) fn command(self) -> Result<Command, String> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/payloads/drivers").join(self.file);
        let program = match path.extension().and_then(|it| it.to_str()) {
            Some("py") => "python3",
            Some("js") => "node",
            Some("java") => "java",
            other => panic!("{}: no interpreter for {other:?}", self.file),
        };
        let version = run(Command::new(program).arg("--version"))?;
        if program == "java" {
            check_jdk(&version)?;
        }
        let folder = self.needs.folder()?;
        let mut command = Command::new("timeout");
        command.args(["300", program]);
        match (program, folder) {
            ("java", folder) => {
                // JDK 18 and later want to be asked for a security manager.
                command.args([
                    "-Djava.security.manager=allow",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                ]);
                if let Some(folder) = folder {
                    command.arg("-cp").arg(folder.join("jars").join("*"));
                    // DynamoDB local loads its SQLite from there, and would like to report its use.
                    command.arg(format!("-Dsqlite4java.library.path={}", folder.join("jars").display()));
                    command.env("DDB_LOCAL_TELEMETRY", "0");
                }
            }
            ("python3", Some(folder)) => {
                command.env("PYTHONPATH", folder);
            }
            (_, Some(folder)) => {
                command.env("NODE_PATH", folder.join("node_modules"));
            }
            (_, None) => {}
        }
        command.arg(path);
        Ok(command)
    }
}

/// DynamoDB local needs JDK 17. Look-ups of names are seen by a security manager, which is gone in
/// JDK 24 (JEP 486).
fn check_jdk(version: &str) -> Result<(), String> {
    let number = version.split_whitespace().nth(1).and_then(|it| it.split(['.', '-', '+']).next());
    match number.and_then(|it| it.parse::<u32>().ok()) {
        Some(17..=23) => Ok(()),
        _ => Err(format!(
            "JDK 17 to 23 is needed, and this is {}",
            version.lines().next().unwrap_or("another")
        )),
    }
}
