//! How each language starts a function, with our client or the official one.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{Launch, Request, parent};
use crate::{
    ClientChoice, ClientPart, CodePlace, Runtime, RuntimeError, clients,
    interpreter::{self, Interpreter, Search},
    official,
    typescript::{Source, TypeStripping},
};

mod java;

pub(super) use java::java;

pub(super) fn node(
    search: &Search<'_>,
    request: &Request,
    support: &Path,
    (handler, file): (&str, &Path),
) -> Result<(Runtime, Launch), RuntimeError> {
    if search.source == Source::TypeScript && request.client == ClientChoice::Official {
        // `UserFunction.js` tries `.js`, `.mjs` and `.cjs`.
        return Err(RuntimeError::TypeScriptForOfficial { path: file.to_owned() });
    }
    let node = interpreter::node(search).map_err(|error| match error {
        RuntimeError::InterpreterMissing { searched, .. } if search.source == Source::TypeScript => {
            RuntimeError::OnlyTypeScript { path: file.to_owned(), searched, fix: newer_node(search) }
        }
        other => other,
    })?;
    let flag = match (search.source, node.type_stripping) {
        (Source::TypeScript, TypeStripping::Flag(flag)) => Some(flag),
        (Source::Plain | Source::TypeScript, _) => None,
    };
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
    let (args, client) = match request.client {
        ClientChoice::Own => {
            let client = clients::node(support);
            let part = own_client(&client);
            (vec![client.into_os_string()], vec![part])
        }
        ClientChoice::Official => {
            let client = official::node(search.root, &request.client_dirs, node.version)?;
            // Version 3 takes the handler as its argument, version 4 from the environment.
            (vec![client.entry.into_os_string(), handler.into()], client.part.into_iter().collect())
        }
    };
    let args = flag.map(OsString::from).into_iter().chain(args).collect();
    let launch = Launch {
        path_dirs: vec![parent(&node.program)],
        client,
        packages: Vec::new(),
        unpack: Vec::new(),
        code,
        program: node.program,
        args,
        env: Vec::new(),
        read,
    };
    Ok((Runtime::Node { version: node.version }, launch))
}

/// What to do about a Node that does not read TypeScript, or is not there.
fn newer_node(search: &Search<'_>) -> String {
    // The one that is asked for may be all that stands in the way.
    if let (Some(asked), Ok(other)) =
        (search.version, interpreter::node(&Search { version: None, ..*search }))
    {
        let Interpreter { program, version, .. } = other;
        return format!(
            "--runtime asks for Node {asked}; leave it out, since `{}` ({version}) runs it",
            program.display()
        );
    }
    match search.version {
        // Node 22 does if it is new enough.
        Some(22) => "install a newer 22 (nvm install 22)".to_owned(),
        Some(asked @ 23..) => format!("install Node {asked} (nvm install {asked})"),
        Some(_) | None => "install a newer one (nvm install 24, --runtime nodejs24.x)".to_owned(),
    }
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
    let (client, packages) = match request.client {
        ClientChoice::Own => {
            let client = clients::python(support);
            let part = own_client(&client);
            args.push(client.into_os_string());
            (vec![part], Vec::new())
        }
        ClientChoice::Official => {
            let dirs = &request.client_dirs;
            let part = official::python(search.root, &read, dirs, &python.program, python.version)?;
            args.extend(["-m".into(), "awslambdaric".into(), handler.into()]);
            // AWS-recorded: PYTHONPATH=/var/runtime.
            let packages = part.iter().map(|it| it.lies.clone()).collect();
            (part.into_iter().collect(), packages)
        }
    };
    read.push(search.root.to_owned());
    let launch = Launch {
        path_dirs: vec![parent(&python.program)],
        client,
        packages,
        unpack: Vec::new(),
        code,
        program: python.program,
        args,
        env: Vec::new(),
        read,
    };
    Ok((Runtime::Python { version: python.version }, launch))
}

pub(super) fn ruby(search: &Search<'_>, request: &Request) -> Result<(Runtime, Launch), RuntimeError> {
    let (ruby, installed) = interpreter::ruby(search)?;
    let library = official::ruby(&ruby.program, installed, &request.client_dirs)?;
    let mut read = ruby.read;
    read.push(search.root.to_owned());
    let launch = Launch {
        path_dirs: vec![parent(&ruby.program)],
        // AWS-recorded: it stands in RUBYLIB.
        packages: vec![library.lies.clone()],
        unpack: Vec::new(),
        code: CodePlace::Task,
        program: ruby.program,
        // What the gem's program does, but for `bundler/setup`, which fails without a Gemfile. The handler comes from the
        // environment.
        args: ["-r", "aws_lambda_ric", "-e", "AwsLambdaRIC::Bootstrap.new.start"].map(Into::into).to_vec(),
        client: vec![library],
        env: Vec::new(),
        read,
    };
    Ok((Runtime::Ruby { version: ruby.version }, launch))
}

/// The folder of our own client.
fn own_client(file: &Path) -> ClientPart {
    ClientPart { lies: parent(file), shows: PathBuf::new() }
}

#[cfg(test)]
mod tests;
