//! Where clients are looked for, in folders made on the spot.

use std::fs;

use super::{java::ClientJar, *};
use crate::Version;

const fn version(major: u32, minor: u32) -> Version {
    Version { major, minor, patch: 0 }
}

const NODE_20: Version = version(20, 0);
const NODE_22: Version = version(22, 0);

fn write(root: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    (folder, path)
}

/// A package as npm leaves it when its install script has run.
fn node_package(root: &Path, name: &str, version: &str, entry: &str) {
    let package = format!(r#"{{"version":"{version}","bin":{{"aws-lambda-ric":"{entry}"}}}}"#);
    write(root, &format!("{name}/package.json"), package);
    write(root, &format!("{name}/rapid-client.node"), "");
}

#[test]
fn the_node_client_is_found_beside_the_function_before_given_folders() {
    let (_kept, dir) = folder();
    node_package(&dir, "given/node_modules/aws-lambda-ric", "3.3.0", "bin/index.mjs");
    let (root, given) = (dir.join("project/function"), dir.join("given"));
    fs::create_dir_all(&root).unwrap();
    let package = given.join("node_modules/aws-lambda-ric");
    // What npm was told, what it made there, and the package itself.
    for given in [&given, &given.join("node_modules"), &package] {
        let found = node(&root, std::slice::from_ref(given), NODE_20).unwrap();
        assert_eq!(found.entry, package.join("bin/index.mjs"));
        let part = ClientPart { lies: package.clone(), shows: "node_modules/aws-lambda-ric".into() };
        assert_eq!(found.part, Some(part));
    }

    node_package(&dir, "project/node_modules/aws-lambda-ric", "3.3.0", "bin/index.mjs");
    let found = node(&root, std::slice::from_ref(&given), NODE_20).unwrap();
    assert_eq!(found.entry, dir.join("project/node_modules/aws-lambda-ric/bin/index.mjs"));
    assert_eq!(found.part, None);
}

#[test]
fn a_linked_node_client_shows_what_the_link_leads_to() {
    let (_kept, dir) = folder();
    node_package(&dir, "store/ric", "3.3.0", "bin/index.mjs");
    fs::create_dir_all(dir.join("given/node_modules")).unwrap();
    std::os::unix::fs::symlink("../../store/ric", dir.join("given/node_modules/aws-lambda-ric")).unwrap();
    let found = node(&dir.join("function"), &[dir.join("given")], NODE_20).unwrap();
    assert_eq!(found.entry, dir.join("store/ric/bin/index.mjs"));
    assert_eq!(found.part.unwrap().lies, dir.join("store/ric"));
}

#[test]
fn version_4_of_the_node_client_needs_node_22() {
    let (_kept, dir) = folder();
    node_package(&dir, "four/node_modules/aws-lambda-ric", "4.0.2", "./index.mjs");
    let (root, four) = (dir.join("function"), dir.join("four"));
    let found = node(&root, std::slice::from_ref(&four), NODE_22).unwrap();
    assert!(found.entry.ends_with("aws-lambda-ric/index.mjs"));
    let error = node(&root, std::slice::from_ref(&four), NODE_20).unwrap_err().to_string();
    assert!(error.contains("aws-lambda-ric 4.0.2 needs Node 22"), "{error}");
    assert!(error.contains("npm install --prefix DIR aws-lambda-ric@3"), "{error}");
    // The one that fits is taken, wherever it stands.
    node_package(&dir, "three/node_modules/aws-lambda-ric", "3.3.0", "bin/index.mjs");
    let found = node(&root, &[four, dir.join("three")], NODE_20).unwrap();
    assert!(found.entry.starts_with(dir.join("three")));
}

#[test]
fn a_node_client_without_its_compiled_half_is_told() {
    let (_kept, dir) = folder();
    node_package(&dir, "given/node_modules/aws-lambda-ric", "3.3.0", "bin/index.mjs");
    fs::remove_file(dir.join("given/node_modules/aws-lambda-ric/rapid-client.node")).unwrap();
    let error = node(&dir.join("function"), &[dir.join("given")], NODE_20).unwrap_err().to_string();
    assert!(error.contains("given/node_modules/aws-lambda-ric` has no rapid-client.node"), "{error}");
    assert!(error.contains("npm rebuild aws-lambda-ric"), "{error}");
}

#[test]
fn a_client_that_is_nowhere_is_an_error_that_says_how_to_get_it() {
    let (_kept, dir) = folder();
    let error = node(&dir, &[], NODE_20).unwrap_err().to_string();
    assert!(error.contains("npm install --prefix DIR aws-lambda-ric@3"), "{error}");
    let error = node(&dir, &[], version(24, 1)).unwrap_err().to_string();
    assert!(error.contains("npm install --prefix DIR aws-lambda-ric@4"), "{error}");
    let program = Path::new("/usr/bin/python3.12");
    let error = python(&dir, &[], &[], program, version(3, 12)).unwrap_err().to_string();
    assert!(error.contains("/usr/bin/python3.12 -m pip install --target DIR awslambdaric"), "{error}");
    let error = java(&dir, Some(&dir), &[], &[], None).unwrap_err().to_string();
    assert!(error.contains("aws-lambda-java-runtime-interface-client"), "{error}");
    let error = ruby(Path::new("/usr/bin/ruby"), None, &[]).unwrap_err().to_string();
    assert!(error.contains("gem install aws_lambda_ric"), "{error}");
    assert!(error.contains("then pass --client-dir DIR"), "{error}");
}

#[test]
fn python_is_told_of_a_folder_only_where_it_does_not_look_by_itself() {
    let (_kept, dir) = folder();
    let (root, site, given) = (dir.join("function"), dir.join("site"), dir.join("given"));
    let find = |site: &Path| {
        python(
            &root,
            &[site.to_owned()],
            std::slice::from_ref(&given),
            Path::new("/usr/bin/python3"),
            version(3, 11),
        )
    };
    write(&given, "awslambdaric/__main__.py", "");
    fs::create_dir_all(&root).unwrap();
    let part = ClientPart { lies: given.clone(), shows: PathBuf::new() };
    assert_eq!(find(&site).unwrap(), Some(part));
    write(&site, "awslambdaric/__main__.py", "");
    assert_eq!(find(&site).unwrap(), None);
}

#[test]
fn a_python_client_compiled_for_another_version_is_passed_over_or_told() {
    let (_kept, dir) = folder();
    let find = |dirs: &[PathBuf], minor| {
        python(&dir.join("function"), &[], dirs, Path::new("/usr/bin/python3"), version(3, minor))
    };
    for minor in ["311", "312"] {
        let given = dir.join(minor);
        write(&given, "awslambdaric/__main__.py", "");
        write(&given, &format!("runtime_client.cpython-{minor}-x86_64-linux-gnu.so"), "");
    }
    let both = [dir.join("311"), dir.join("312")];
    assert_eq!(find(&both, 11).unwrap().unwrap().lies, both[0]);
    assert_eq!(find(&both, 12).unwrap().unwrap().lies, both[1]);
    let error = find(&both, 13).unwrap_err().to_string();
    assert!(error.contains("311` is compiled for another version than Python 3.13"), "{error}");
}

/// Files of `found`, and where they show.
fn places(found: &[ClientJar], root: &Path) -> Vec<String> {
    let name = |jar: &ClientJar| jar.path.strip_prefix(root).unwrap().display().to_string();
    found
        .iter()
        .map(|jar| match &jar.part {
            Some(part) => format!("{} at {}", name(jar), part.shows.display()),
            None => name(jar),
        })
        .collect()
}

const NAMES: [(&str, &str); 4] = [
    ("com/amazonaws", "aws-lambda-java-runtime-interface-client"),
    ("com/amazonaws", "aws-lambda-java-core"),
    ("com/amazonaws", "aws-lambda-java-serialization"),
    ("software/amazon/awssdk", "utils-lite"),
];

#[test]
fn the_functions_own_java_client_with_the_newest_of_its_parts() {
    let (_kept, dir) = folder();
    for (group, name) in NAMES {
        for version in ["1.9.0", "1.10.0"] {
            write(&dir, &format!("given/{name}-{version}.jar"), "");
        }
        write(&dir, &format!("given/{name}-1.11.0-linux-x86_64.jar"), "");
        for version in ["2.0.0", "2.10.0"] {
            write(&dir, &format!("home/.m2/repository/{group}/{name}/{version}/{name}-{version}.jar"), "");
        }
    }
    let (root, home) = (dir.join("function"), dir.join("home"));
    let found = java(&root, Some(&root), &[], &[dir.join("given")], None).unwrap().jars;
    assert_eq!(
        places(&found, &dir)[..2],
        [
            "given/aws-lambda-java-runtime-interface-client-1.10.0.jar at lib/aws-lambda-java-runtime-interface-client-1.10.0.jar",
            "given/aws-lambda-java-core-1.10.0.jar at lib/aws-lambda-java-core-1.10.0.jar"
        ]
    );
    let found = java(&root, Some(&root), &[], &[], Some(&home)).unwrap().jars;
    assert!(found.iter().all(|jar| jar.path.to_string_lossy().ends_with("-2.10.0.jar")), "{found:?}");

    // What a function is compiled against does not take the place of what the client needs.
    write(&root, "lib/aws-lambda-java-core-1.2.0.jar", "");
    write(&root, "lib/aws-lambda-java-runtime-interface-client-1.0.0.jar", "");
    let found = java(&root, Some(&root), &[], &[dir.join("given")], Some(&home)).unwrap().jars;
    assert_eq!(
        places(&found, &dir)[..2],
        [
            "function/lib/aws-lambda-java-runtime-interface-client-1.0.0.jar",
            "home/.m2/repository/com/amazonaws/aws-lambda-java-core/2.10.0/aws-lambda-java-core-2.10.0.jar \
             at lib/aws-lambda-java-core-2.10.0.jar"
        ]
    );
}

#[test]
fn a_jar_that_was_packed_with_the_client_needs_no_other() {
    let (_kept, dir) = folder();
    let class = |name: &str| format!("com/amazonaws/services/lambda/runtime/{name}.class");
    let all = [class("api/client/AWSLambda"), class("LambdaRuntime"), class("serialization/PojoSerializer")];
    let found = java(&dir, Some(&dir), &all, &[], None).unwrap();
    assert_eq!((found.jars, found.packed), (Vec::new(), Packed::Yes));
    let error = java(&dir, Some(&dir), &all[..2], &[], None).unwrap_err().to_string();
    assert!(error.contains("`aws-lambda-java-serialization`"), "{error}");
}

#[test]
fn the_ruby_client_shows_under_its_name_and_version() {
    let (_kept, dir) = folder();
    write(&dir, "given/aws_lambda_ric-3.1.3/lib/aws_lambda_ric.rb", "");
    let version = "module AwsLambdaRIC\n  VERSION = '3.1.3'\nend\n";
    write(&dir, "given/aws_lambda_ric-3.1.3/lib/aws_lambda_ric/version.rb", version);
    let part = ClientPart {
        lies: dir.join("given/aws_lambda_ric-3.1.3/lib"),
        shows: "gems/aws_lambda_ric-3.1.3/lib".into(),
    };
    assert_eq!(ruby(Path::new("/usr/bin/ruby"), None, &[dir.join("given")]).unwrap(), part);
    assert_eq!(
        ruby(Path::new("/usr/bin/ruby"), Some(dir.join("given/aws_lambda_ric-3.1.3")), &[]).unwrap(),
        part
    );
    write(&dir, "given/aws_lambda_ric-3.1.3/lib/aws_lambda_ric/version.rb", "VERSION = '../../x'");
    assert_eq!(
        ruby(Path::new("/usr/bin/ruby"), None, &[dir.join("given")]).unwrap().shows,
        Path::new("gems/aws_lambda_ric/lib")
    );
}
