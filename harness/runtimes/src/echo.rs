//! Identity functions: the control that tells what a runtime itself cannot take.
//!
//! Some valid events end a runtime whatever the function does with them: half a surrogate pair ends Python from 3.12 on when
//! it comes back in an answer, deep nesting ends Ruby. A function that only returns its event shows it.

use std::{fs, io, path::Path};

use crate::{CodePlace, Runtime, Target};

/// File, content and handler of an identity function.
struct Echo {
    file: &'static str,
    content: &'static [u8],
    handler: &'static str,
}

impl Runtime {
    fn echo(&self) -> Option<Echo> {
        match self {
            Runtime::Node { .. } => Some(Echo {
                file: "index.js",
                content: b"exports.handler = async (event) => event;\n",
                handler: "index.handler",
            }),
            Runtime::Python { .. } => Some(Echo {
                file: "app.py",
                content: b"def handler(event, context):\n    return event\n",
                handler: "app.handler",
            }),
            Runtime::Ruby { .. } => Some(Echo {
                file: "app.rb",
                content: b"def handler(event:, context:)\n  event\nend\n",
                handler: "app.handler",
            }),
            // The client looks into its working directory (`CustomerClassLoader.java`).
            Runtime::Java { .. } => Some(Echo {
                file: "evfuzz/Echo.class",
                content: include_bytes!("echo/Echo.class"),
                handler: "evfuzz.Echo::handle",
            }),
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
    let file = dir.join(echo.file);
    fs::create_dir_all(file.parent().unwrap_or(dir))?;
    fs::write(&file, echo.content)?;
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
        opt: None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Launch, Version};

    fn target(runtime: Runtime, args: &[&str]) -> Target {
        Target {
            name: "shop".into(),
            root: "/home/me/shop".into(),
            handler: "shop.App::run".into(),
            runtime,
            launch: Launch {
                program: "/usr/bin/x".into(),
                args: args.iter().map(Into::into).collect(),
                env: Vec::new(),
                read: Vec::new(),
                path_dirs: Vec::new(),
                client: Vec::new(),
                packages: Vec::new(),
                unpack: Vec::new(),
                code: CodePlace::AsItLies,
            },
            own_files: Vec::new(),
            opt: None,
        }
    }

    const VERSION: Version = Version { major: 17, minor: 12, patch: 0 };

    #[test]
    fn it_is_started_as_the_function_is_with_a_handler_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let java =
            target(Runtime::Java { version: VERSION }, &["-classpath", "/c.jar", "Main", "shop.App::run"]);
        let echo = echo(&java, dir.path()).unwrap().unwrap();
        assert_eq!(echo.launch.args, ["-classpath", "/c.jar", "Main", "evfuzz.Echo::handle"]);
        assert_eq!((echo.root.as_path(), echo.handler.as_str()), (dir.path(), "evfuzz.Echo::handle"));
        let class = fs::read(dir.path().join("evfuzz/Echo.class")).unwrap();
        // The version of Java 8, the oldest one that has a client, and what the handler names.
        assert_eq!(class[..8], [0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 52]);
        for name in ["evfuzz/Echo", "handle", "(Ljava/lang/Object;)Ljava/lang/Object;"] {
            assert!(class.windows(name.len()).any(|it| it == name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn an_official_python_client_in_the_functions_own_folder_is_found_from_elsewhere() {
        let dir = tempfile::tempdir().unwrap();
        let python = Runtime::Python { version: VERSION };
        let official = target(python.clone(), &["-B", "-m", "awslambdaric", "shop.App::run"]);
        let found = echo(&official, dir.path()).unwrap().unwrap();
        assert_eq!(found.launch.packages, [Path::new("/home/me/shop")]);
        let own = echo(&target(python, &["-B", "client.py"]), dir.path()).unwrap().unwrap();
        assert!(own.launch.packages.is_empty());
    }
}
