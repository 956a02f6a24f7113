//! Where clients are looked for, in folders made on the spot.

use super::*;

const NODE_20: Version = Version { major: 20, minor: 0, patch: 0 };
const NODE_22: Version = Version { major: 22, minor: 0, patch: 0 };

fn write(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn the_node_client_is_found_beside_the_function_before_given_folders() {
    let folder = tempfile::tempdir().unwrap();
    let package = r#"{"version":"3.3.0","bin":{"aws-lambda-ric":"bin/index.mjs"}}"#;
    write(folder.path(), "given/node_modules/aws-lambda-ric/package.json", package);
    let (root, given) = (folder.path().join("project/function"), folder.path().join("given"));
    fs::create_dir_all(&root).unwrap();
    let found = node(&root, std::slice::from_ref(&given), NODE_20).unwrap();
    assert_eq!(found.packages, given.join("node_modules"));
    assert!(found.entry.ends_with("aws-lambda-ric/bin/index.mjs"));

    write(folder.path(), "project/node_modules/aws-lambda-ric/package.json", package);
    let found = node(&root, std::slice::from_ref(&given), NODE_20).unwrap();
    assert_eq!(found.packages, folder.path().join("project/node_modules"));
}

#[test]
fn version_4_of_the_node_client_needs_node_22() {
    let folder = tempfile::tempdir().unwrap();
    let package = r#"{"version":"4.0.2","bin":{"aws-lambda-ric":"./index.mjs"}}"#;
    write(folder.path(), "node_modules/aws-lambda-ric/package.json", package);
    assert!(node(folder.path(), &[], NODE_22).unwrap().entry.ends_with("aws-lambda-ric/index.mjs"));
    let error = node(folder.path(), &[], NODE_20).unwrap_err().to_string();
    assert!(error.contains("aws-lambda-ric 4.0.2 needs Node 22"), "{error}");
}

#[test]
fn a_client_that_is_nowhere_is_an_error_that_says_how_to_get_it() {
    let folder = tempfile::tempdir().unwrap();
    let error = node(folder.path(), &[], NODE_20).unwrap_err().to_string();
    assert!(error.contains("npm install --prefix DIR aws-lambda-ric@3"), "{error}");
    let error = python(folder.path(), &[], &[]).unwrap_err().to_string();
    assert!(error.contains("pip install --target DIR awslambdaric"), "{error}");
    let error = java(folder.path(), &[], None).unwrap_err().to_string();
    assert!(error.contains("aws-lambda-java-runtime-interface-client"), "{error}");
    let error = ruby(None, &[]).unwrap_err().to_string();
    assert!(error.contains("gem install aws_lambda_ric"), "{error}");
}

#[test]
fn python_is_told_of_a_folder_only_where_it_does_not_look_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let (root, site, given) =
        (folder.path().join("function"), folder.path().join("site"), folder.path().join("given"));
    write(&given, "awslambdaric/__main__.py", "");
    fs::create_dir_all(&root).unwrap();
    let dirs = [given.clone()];
    assert_eq!(python(&root, std::slice::from_ref(&site), &dirs).unwrap(), Some(given));
    write(&site, "awslambdaric/__main__.py", "");
    assert_eq!(python(&root, &[site], &dirs).unwrap(), None);
}

#[test]
fn the_newest_jars_are_taken() {
    let folder = tempfile::tempdir().unwrap();
    for (group, name, _) in JARS {
        write(folder.path(), &format!("given/{name}-1.9.0.jar"), "");
        write(folder.path(), &format!("given/{name}-1.10.0.jar"), "");
        write(folder.path(), &format!("given/{name}-1.11.0-linux-x86_64.jar"), "");
        write(folder.path(), &format!("home/.m2/repository/{group}/{name}/2.0.0/{name}-2.0.0.jar"), "");
        write(folder.path(), &format!("home/.m2/repository/{group}/{name}/2.10.0/{name}-2.10.0.jar"), "");
    }
    let root = folder.path().join("function");
    let found = java(&root, &[folder.path().join("given")], None).unwrap();
    assert!(found.iter().all(|jar| jar.to_string_lossy().ends_with("-1.10.0.jar")), "{found:?}");
    let found = java(&root, &[], Some(&folder.path().join("home"))).unwrap();
    assert!(found.iter().all(|jar| jar.to_string_lossy().ends_with("-2.10.0.jar")), "{found:?}");
}
