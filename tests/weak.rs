//! Small functions with a weakness and how to repair it, one file each.
//!
//! A line with a weakness ends in `fixed:` and the line that repairs it. The head says what is found, where, in the events of which
//! source, after how many events at the latest, and which packages of its registry it needs; `repaired:` has the versions that
//! repair it where the code is the same.

use std::collections::BTreeSet;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::fetched::{cached, run};
use crate::support::{Copied, copy_dir};

/// What a head can say.
const HEAD: [&str; 10] =
    ["oracle", "source", "point", "events", "packages", "repaired", "grade", "verdict", "says", "missed"];

/// A weak function.
pub(crate) struct Weak {
    pub(crate) name: String,
    text: String,
}

impl Weak {
    pub(crate) fn read(folder: &Path, name: &str) -> Weak {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        Weak { name: name.to_owned(), text }
    }

    /// What the head says of `what`.
    pub(crate) fn head(&self, what: &str) -> &str {
        self.said(what).unwrap_or_else(|| panic!("{}: no {what}", self.name))
    }

    /// What the head says of `what`, if anything.
    pub(crate) fn said(&self, what: &str) -> Option<&str> {
        let wanted = [format!("// {what}: "), format!("# {what}: ")];
        let said = |line| wanted.iter().find_map(|it| str::strip_prefix(line, it));
        self.text.lines().find_map(said)
    }

    /// Gets the packages that it needs. Returns the folder that they are in.
    ///
    /// # Errors
    ///
    /// What the client of the registry said.
    pub(crate) fn fetch(&self) -> Result<Option<PathBuf>, String> {
        self.fetch_for(false)
    }

    /// The same for the function as it is or repaired, where other versions repair it.
    ///
    /// # Errors
    ///
    /// What the client of the registry said.
    pub(crate) fn fetch_for(&self, repaired: bool) -> Result<Option<PathBuf>, String> {
        let other = self.said("repaired").filter(|_| repaired);
        let packages = other.or_else(|| self.said("packages"));
        let packages: Vec<&str> = packages.iter().flat_map(|it| it.split(' ')).collect();
        let fetched = match self.extension() {
            // Every function has the client.
            "java" => jars(&packages),
            _ if packages.is_empty() => return Ok(None),
            "py" => python_packages(&packages),
            _ => node_packages(&packages),
        };
        fetched.map(Some)
    }

    fn extension(&self) -> &str {
        self.name.rsplit_once('.').unwrap().1
    }

    /// The function, as it is or repaired, without our remarks.
    fn code(&self, repaired: bool) -> String {
        let mut code = String::new();
        for line in self.text.lines() {
            let is_remark = ["// ", "# "].iter().any(|it| {
                line.strip_prefix(it).is_some_and(|it| {
                    HEAD.iter().any(|of| it.strip_prefix(of).is_some_and(|it| it.starts_with(": ")))
                })
            });
            if is_remark {
                continue;
            }
            let remark = [" // fixed: ", "  # fixed: "].iter().find_map(|it| line.split_once(it));
            match remark {
                Some((weak, fixed)) if repaired => {
                    let indent = &weak[..weak.len() - weak.trim_start().len()];
                    code.push_str(indent);
                    code.push_str(fixed);
                }
                Some((weak, _)) => code.push_str(weak),
                None => code.push_str(line),
            }
            code.push('\n');
        }
        code
    }

    pub(crate) fn copied(&self, repaired: bool) -> Copied {
        let extension = self.extension();
        if extension == "java" {
            return self.compiled(repaired);
        }
        let stem = if extension == "py" { "app" } else { "index" };
        let copied = Copied::file(&format!("{stem}.{extension}"), &self.code(repaired));
        match self.fetch_for(repaired).unwrap() {
            // Node.js looks for them in the folders above as well, Python beside the code.
            Some(packages) if extension != "py" => {
                symlink(packages.join("node_modules"), copied.path().join("node_modules")).unwrap();
            }
            Some(packages) => copy_dir(&packages, &copied.function),
            None => {}
        }
        copied
    }
}

impl Weak {
    /// A Java function: its classes, and the jars that it needs in `lib`.
    fn compiled(&self, repaired: bool) -> Copied {
        let jars =
            self.fetch_for(repaired).unwrap().expect("every Java function has the client").join("jars");
        let copied = Copied::file("App.java", &self.code(repaired));
        let source = copied.path().join("App.java");
        std::fs::rename(copied.function.join("App.java"), &source).unwrap();
        copy_dir(&jars, &copied.function.join("lib"));
        let mut javac = Command::new("javac");
        javac.args(["--release", "11", "-g", "-Xlint:none", "-encoding", "UTF-8", "-cp"]).arg(jars.join("*"));
        run(javac.arg("-d").arg(&copied.function).arg(source)).unwrap();
        copied
    }
}

/// The official client, without which no Java function runs.
const JAVA_CLIENT: &str = "com.amazonaws:aws-lambda-java-runtime-interface-client:2.10.1";

/// What copies jars. Pinned: newer ones need a newer Maven.
const MAVEN_DEPENDENCY_PLUGIN: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";

/// A folder whose `jars` are these packages of Maven Central (`group:artifact:version`), the client, and what they need.
///
/// # Errors
///
/// What Maven said.
fn jars(packages: &[&str]) -> Result<PathBuf, String> {
    let packages: Vec<&str> = std::iter::once(JAVA_CLIENT).chain(packages.iter().copied()).collect();
    let dependency = |package: &&str| {
        let [group, artifact, version] = package.split(':').collect::<Vec<_>>()[..] else {
            panic!("{package} has three parts")
        };
        format!(
            "<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version></dependency>"
        )
    };
    let pom = format!(
        "<project xmlns=\"http://maven.apache.org/POM/4.0.0\"><modelVersion>4.0.0</modelVersion><groupId>weak</groupId>\
         <artifactId>function</artifactId><version>0</version><dependencies>{}</dependencies></project>",
        packages.iter().map(dependency).collect::<String>()
    );
    let recipe = format!("{MAVEN_DEPENDENCY_PLUGIN} {}", packages.join(" "));
    cached(&folder_name("maven", &packages[1..]), &recipe, |folder| {
        let file = folder.join("pom.xml");
        std::fs::write(&file, &pom).map_err(|error| error.to_string())?;
        let mut mvn = Command::new("mvn");
        mvn.args(["--quiet", "--batch-mode", "--file"]).arg(&file);
        let into = format!("-DoutputDirectory={}", folder.join("jars").display());
        run(mvn.arg(format!("{MAVEN_DEPENDENCY_PLUGIN}:copy-dependencies")).arg(into)).map(drop)
    })
}

/// Whether `point` is `wanted`, or in the text there.
pub(crate) fn is_at(point: &str, wanted: &str) -> bool {
    point.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('»'))
}

/// The names of the files in a folder.
pub(crate) fn files_of(folder: &Path) -> BTreeSet<String> {
    let files = std::fs::read_dir(folder).unwrap();
    files.map(|it| it.unwrap().file_name().into_string().unwrap()).collect()
}

/// A folder whose `node_modules` has these packages of npm (`name@version`).
///
/// # Errors
///
/// What npm said.
fn node_packages(packages: &[&str]) -> Result<PathBuf, String> {
    cached(&folder_name("npm", packages), &packages.join(" "), |folder| {
        std::fs::write(folder.join("package.json"), "{}").map_err(|error| error.to_string())?;
        let flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"];
        run(Command::new("npm").arg("install").args(flags).args(packages).current_dir(folder)).map(drop)
    })
}

/// A folder with these packages of PyPI (`name==version`), for the Python of this machine.
///
/// # Errors
///
/// What pip said.
fn python_packages(packages: &[&str]) -> Result<PathBuf, String> {
    let version = run(Command::new("python3").arg("--version"))?;
    let recipe = format!("{version} {}", packages.join(" "));
    cached(&folder_name("pip", packages), &recipe, |folder| {
        let flags = ["--quiet", "--disable-pip-version-check", "--no-warn-script-location", "--target"];
        let mut pip = Command::new("python3");
        run(pip.args(["-m", "pip", "install"]).args(flags).arg(folder).args(packages)).map(drop)
    })
}

/// `npm-pg-8.16.3` for `pg@8.16.3`.
fn folder_name(client: &str, packages: &[&str]) -> String {
    let word = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    format!("{client}-{}", packages.join("-").chars().map(word).collect::<String>().replace("--", "-"))
}

/// A test for every file, which calls `check`, and the list of all.
macro_rules! functions {
    ($($test:ident: $file:literal,)*) => {
        const FILES: &[&str] = &[$($file),*];
        $(
            #[test]
            fn $test() {
                check($file);
            }
        )*
    };
}
pub(crate) use functions;
