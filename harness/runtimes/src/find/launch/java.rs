//! How a Java function is started: its class path, and what has to be unpacked for it.

use std::path::{Path, PathBuf};

use crate::{
    ClientPart, CodePlace, Launch, Request, Runtime, RuntimeError, Unpack,
    find::parent,
    interpreter::{self, Search},
    jar::Jar,
    jvm::{self, JavaCode},
    official,
};

/// A Java function that was found.
pub(in crate::find) struct Found {
    pub(in crate::find) runtime: Runtime,
    pub(in crate::find) launch: Launch,
    /// The folder of its classes, or what its jar is unpacked to.
    pub(in crate::find) root: PathBuf,
    pub(in crate::find) own_files: Vec<PathBuf>,
}

pub(in crate::find) fn java(
    search: &Search<'_>,
    request: &Request,
    support: &Path,
    code: &JavaCode,
    handler: &str,
) -> Result<Found, RuntimeError> {
    let java = interpreter::java(search)?;
    let names = names(code)?;
    let home = search.surroundings.home.as_deref();
    // Of a jar, only what is in it is shown to the function.
    let shown = matches!(code, JavaCode::Folder { .. }).then_some(search.root);
    let client = official::java(search.root, shown, &names, &request.client_dirs, home)?;
    let support = support.join("java");
    let mut unpack = Vec::new();
    let (root, mut class_path, own_files) = match code {
        // The client itself looks into its working directory and `lib` there (`CustomerClassLoader.java`).
        JavaCode::Folder { folder, libraries } => {
            let found = |path: &&PathBuf| *folder != search.root || !path.starts_with(folder.join("lib"));
            let own = Some(folder).filter(|it| **it != search.root);
            let class_path = own.into_iter().chain(libraries.iter().filter(found)).cloned().collect();
            (search.root.to_owned(), class_path, jvm::class_files(folder))
        }
        JavaCode::Jar(jar) => {
            let root = support.join("task");
            unpack.push(Unpack { archive: jar.clone(), file: None, to: root.clone() });
            let own_files = jvm::own_classes(&names, handler).iter().map(|it| root.join(it)).collect();
            (root, Vec::new(), own_files)
        }
    };
    let mut parts: Vec<ClientPart> = client.jars.iter().filter_map(|jar| jar.part.clone()).collect();
    let native = match &client.packed {
        official::Packed::No => client.jars.iter().find_map(|jar| jvm::native(&jar.path, &support)),
        official::Packed::Yes => {
            class_path.insert(0, root.clone());
            None
        }
    };
    let library = native.map(|native| {
        unpack.push(native.unpack);
        parts.push(native.part.clone());
        native.part.lies
    });
    let jars: Vec<PathBuf> = client.jars.into_iter().map(|jar| jar.path).collect();
    let mut read = java.read;
    read.push(root.clone());
    let launch = Launch {
        path_dirs: vec![parent(&java.program)],
        client: parts,
        packages: Vec::new(),
        unpack,
        code: CodePlace::Task,
        program: java.program,
        args: jvm::arguments(java.version, &jars, &class_path, library.as_deref(), handler),
        env: Vec::new(),
        read,
    };
    Ok(Found { runtime: Runtime::Java { version: java.version }, launch, root, own_files })
}

/// Names of the files in a jar.
fn names(code: &JavaCode) -> Result<Vec<String>, RuntimeError> {
    let JavaCode::Jar(path) = code else { return Ok(Vec::new()) };
    let jar = Jar::open(path).map_err(|source| RuntimeError::NotUnpacked { path: path.clone(), source })?;
    Ok(jar.names().map(str::to_owned).collect())
}
