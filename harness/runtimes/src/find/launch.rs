//! How each language starts a function, with our client or the official one.

use std::path::{Path, PathBuf};

use super::{Launch, Request, parent};
use crate::{
    ClientChoice, CodePlace, Runtime, RuntimeError, clients,
    interpreter::{self, Search},
    jvm, official,
};

pub(super) fn node(
    search: &Search<'_>,
    request: &Request,
    support: &Path,
    handler: &str,
) -> Result<(Runtime, Launch), RuntimeError> {
    let node = interpreter::node(search)?;
    let mut read = node.read;
    read.push(search.root.to_owned());
    let packages = interpreter::node_modules(search.root);
    // Packages above the code folder, or links out of it, are found by the way to them.
    let code = if packages.iter().all(|it| it.starts_with(search.root)) {
        CodePlace::Task
    } else {
        CodePlace::AsItLies
    };
    // What lies in the code folder comes with it.
    read.extend(packages.into_iter().filter(|it| !it.starts_with(search.root)));
    let (args, runtime_dir) = match request.client {
        ClientChoice::Own => {
            let client = clients::node(support);
            let folder = parent(&client);
            (vec![client.into_os_string()], Some(folder))
        }
        ClientChoice::Official => {
            let client = official::node(search.root, &request.client_dirs, node.version)?;
            if !client.packages.starts_with(search.root) {
                read.push(client.packages);
            }
            // Version 3 takes the handler as its argument, version 4 from the environment.
            (vec![client.entry.into_os_string(), handler.into()], None)
        }
    };
    let launch = Launch {
        path_dirs: vec![parent(&node.program)],
        runtime_dir,
        packages: Vec::new(),
        code,
        program: node.program,
        args,
        env: Vec::new(),
        read,
    };
    Ok((Runtime::Node { version: node.version }, launch))
}

pub(super) fn python(
    search: &Search<'_>,
    request: &Request,
    support: &Path,
    handler: &str,
) -> Result<(Runtime, Launch), RuntimeError> {
    let python = interpreter::python(search)?;
    let inside = |path: &PathBuf| path.starts_with(search.root);
    let code = if inside(&python.program) || python.read.iter().any(inside) {
        CodePlace::Both
    } else {
        CodePlace::Task
    };
    let mut read = python.read;
    // -B: the code folder is not ours to write to. -s: packages of this machine's user are
    // not there in Lambda. Arguments are not inherited by children, variables would be.
    let mut args = vec!["-B".into(), "-s".into()];
    let (runtime_dir, packages) = match request.client {
        ClientChoice::Own => {
            let client = clients::python(support);
            let folder = parent(&client);
            args.push(client.into_os_string());
            (Some(folder), Vec::new())
        }
        ClientChoice::Official => {
            let folder = official::python(search.root, &read, &request.client_dirs)?;
            args.extend(["-m".into(), "awslambdaric".into(), handler.into()]);
            (folder.clone(), folder.into_iter().collect())
        }
    };
    read.push(search.root.to_owned());
    let launch = Launch {
        path_dirs: vec![parent(&python.program)],
        runtime_dir,
        packages,
        code,
        program: python.program,
        args,
        env: Vec::new(),
        read,
    };
    Ok((Runtime::Python { version: python.version }, launch))
}

pub(super) fn java(
    search: &Search<'_>,
    request: &Request,
    code: &[PathBuf],
    handler: &str,
) -> Result<(Runtime, Launch), RuntimeError> {
    let java = interpreter::java(search)?;
    let home = search.surroundings.home.as_deref();
    let client = official::java(search.root, &request.client_dirs, home)?;
    let mut read = java.read;
    read.push(search.root.to_owned());
    read.extend(client.iter().filter(|it| !it.starts_with(search.root)).cloned());
    let launch = Launch {
        path_dirs: vec![parent(&java.program)],
        runtime_dir: None,
        packages: Vec::new(),
        code: CodePlace::Task,
        program: java.program,
        args: jvm::arguments(code, &client, handler),
        env: Vec::new(),
        read,
    };
    Ok((Runtime::Java { version: java.version }, launch))
}

pub(super) fn ruby(
    search: &Search<'_>,
    request: &Request,
    handler: &str,
) -> Result<(Runtime, Launch), RuntimeError> {
    let (ruby, installed) = interpreter::ruby(search)?;
    let client = official::ruby(installed, &request.client_dirs)?;
    let mut read = ruby.read;
    read.extend([search.root.to_owned(), client.folder.clone()]);
    let lib = client.folder.join("lib").into_os_string();
    let launch = Launch {
        path_dirs: vec![parent(&ruby.program)],
        runtime_dir: None,
        packages: Vec::new(),
        code: CodePlace::Task,
        program: ruby.program,
        args: vec![
            "-I".into(),
            lib,
            client.folder.join("bin/aws_lambda_ric").into_os_string(),
            handler.into(),
        ],
        env: Vec::new(),
        read,
    };
    Ok((Runtime::Ruby { version: ruby.version }, launch))
}
