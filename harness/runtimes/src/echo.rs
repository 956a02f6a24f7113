//! Identity functions: the control that tells what a runtime itself cannot take.
//!
//! Some valid events end a runtime whatever the function does with them: half a surrogate pair ends Python from 3.12 on when
//! it comes back in an answer, deep nesting ends Ruby. A function that only returns its event shows it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{CodePlace, Runtime, Target};

/// File, content and handler of an identity function.
struct Echo {
    file: &'static str,
    text: &'static str,
    handler: &'static str,
}

impl Runtime {
    fn echo(&self) -> Option<Echo> {
        match self {
            Runtime::Node { .. } => Some(Echo {
                file: "index.js",
                text: "exports.handler = async (event) => event;\n",
                handler: "index.handler",
            }),
            Runtime::Python { .. } => Some(Echo {
                file: "app.py",
                text: "def handler(event, context):\n    return event\n",
                handler: "app.handler",
            }),
            Runtime::Ruby { .. } => Some(Echo {
                file: "app.rb",
                text: "def handler(event:, context:)\n  event\nend\n",
                handler: "app.handler",
            }),
            // A class would have to be compiled.
            Runtime::Java { .. } => None,
            // How it was built and which client is in it cannot be known.
            Runtime::Provided => None,
        }
    }
}

/// An identity function for the runtime of `target`, started in the same way, with its code in the new folder `dir`.
///
/// `None`: there is none for this runtime.
///
/// # Errors
///
/// Returns the system's error if its file cannot be written.
pub fn echo(target: &Target, dir: &Path) -> io::Result<Option<Target>> {
    let Some(echo) = target.runtime.echo() else { return Ok(None) };
    fs::create_dir_all(dir)?;
    let file = dir.join(echo.file);
    fs::write(&file, echo.text)?;
    let mut launch = target.launch.clone();
    for arg in &mut launch.args {
        // Official clients take the handler as an argument.
        if *arg == *target.handler {
            *arg = echo.handler.into();
        }
    }
    launch.read.push(dir.to_owned());
    if let (Runtime::Python { .. }, [.., module, _]) = (&target.runtime, launch.args.as_slice())
        && module == "awslambdaric"
    {
        // The client may be one of the function's own packages, found because they lie in the working directory.
        launch.packages.push(target.root.clone());
    }
    // The interpreter may lie in the function's folder, and is found there.
    launch.code = CodePlace::Task;
    Ok(Some(Target {
        name: format!("{}-control", target.name).chars().take(64).collect(),
        root: dir.to_owned(),
        handler: echo.handler.to_owned(),
        runtime: target.runtime.clone(),
        launch,
        own_files: vec![file],
        opt: None::<PathBuf>,
    }))
}
