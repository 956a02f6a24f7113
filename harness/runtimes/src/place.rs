//! Where a function finds itself: in Lambda's folders, or where its files lie on this machine.
//!
//! With a file system of its own the function sees its code at `/var/task`, the client at
//! `/var/runtime` and its layers at `/opt`. Interpreters, and packages that live outside the code
//! folder, are found where they lie: their files name each other by absolute paths.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::Target;

/// Which file system a function has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum World {
    /// One of its own, with Lambda's folders.
    Lambda,
    /// This machine's.
    Host,
}

/// AWS "Lambda execution environment": the code, read-only, also the working directory.
pub const TASK_ROOT: &str = "/var/task";
/// The runtime and its client.
const RUNTIME_DIR: &str = "/var/runtime";
/// The layers.
const OPT: &str = "/opt";

/// A [`Target`] with all paths as the function's own process sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// `LAMBDA_TASK_ROOT`.
    pub root: PathBuf,
    /// Where the client lies, `LAMBDA_RUNTIME_DIR`.
    pub runtime_dir: PathBuf,
    /// The program to start.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Folders that belong in `PATH`.
    pub path_dirs: Vec<PathBuf>,
    /// Folders in which an interpreter has to look for packages in addition to its own.
    pub packages: Vec<PathBuf>,
    /// Where layers are: a folder that there need not be with Lambda's folders, `None` on the host if there are none.
    pub opt: Option<PathBuf>,
    /// What must be readable: where it lies, and where it shows.
    pub shown: Vec<(PathBuf, PathBuf)>,
}

impl Target {
    /// Places this function in `world`.
    pub fn place(&self, world: World) -> Placed {
        let map = Map::of(self, world);
        let launch = &self.launch;
        let moves = |path: &PathBuf| *path == self.root && launch.code == CodePlace::Task;
        let stays = launch.read.iter().filter(|path| world == World::Host || !moves(path));
        let mut shown: Vec<(PathBuf, PathBuf)> = stays.map(|path| (path.clone(), path.clone())).collect();
        let parts = launch.client.iter().map(|it| &it.lies);
        shown.extend(parts.chain(&self.opt).map(|it| (it.clone(), map.inside(it))));
        shown.extend(map.moved.iter().filter(|(_, to)| to == Path::new(TASK_ROOT)).cloned());
        Placed {
            root: map.inside(&self.root),
            runtime_dir: launch
                .client
                .iter()
                .find(|it| it.shows.as_os_str().is_empty())
                .map_or_else(|| RUNTIME_DIR.into(), |it| map.inside(&it.lies)),
            program: map.inside(&launch.program),
            args: launch.args.iter().map(|arg| map.argument(arg)).collect(),
            path_dirs: launch.path_dirs.iter().map(|dir| map.inside(dir)).collect(),
            packages: launch.packages.iter().map(|dir| map.inside(dir)).collect(),
            opt: match world {
                World::Lambda => Some(OPT.into()),
                World::Host => self.opt.clone(),
            },
            shown,
        }
    }
}

/// Which folders show elsewhere.
struct Map {
    moved: Vec<(PathBuf, PathBuf)>,
}

impl Map {
    fn of(target: &Target, world: World) -> Map {
        let parts = target.launch.client.iter();
        let mut moved: Vec<(PathBuf, PathBuf)> =
            parts.map(|part| (part.lies.clone(), join(Path::new(RUNTIME_DIR), &part.shows))).collect();
        moved.extend(target.opt.iter().map(|opt| (opt.clone(), OPT.into())));
        if target.launch.code != CodePlace::AsItLies {
            moved.push((target.root.clone(), TASK_ROOT.into()));
        }
        // The function may lie below the folder of a client, or that below the function's: the nearer one counts.
        moved.sort_by_key(|(from, _)| std::cmp::Reverse(from.components().count()));
        match world {
            World::Lambda => Map { moved },
            World::Host => Map { moved: Vec::new() },
        }
    }

    fn inside(&self, path: &Path) -> PathBuf {
        let moved = self.moved.iter().find_map(|(from, to)| Some(join(to, path.strip_prefix(from).ok()?)));
        moved.unwrap_or_else(|| path.to_owned())
    }

    /// An argument: a path, several as in a class path, or a property of a virtual machine that is one.
    fn argument(&self, arg: &OsStr) -> OsString {
        let bytes = arg.as_bytes();
        if let (true, Some(at)) = (bytes.starts_with(b"-D"), bytes.iter().position(|it| *it == b'=')) {
            let (name, value) = bytes.split_at(at + 1);
            let mut argument = OsStr::from_bytes(name).to_owned();
            argument.push(self.argument(OsStr::from_bytes(value)));
            return argument;
        }
        if !Path::new(arg).is_absolute() {
            return arg.to_owned();
        }
        let parts = arg.as_bytes().split(|it| *it == b':');
        let inside = parts.map(|part| self.inside(Path::new(OsStr::from_bytes(part))).into_os_string());
        inside.collect::<Vec<_>>().join(OsStr::new(":"))
    }
}

/// Joining nothing would end the path in a slash.
fn join(folder: &Path, below: &Path) -> PathBuf {
    if below.as_os_str().is_empty() { folder.to_owned() } else { folder.join(below) }
}

/// Where the code may show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodePlace {
    /// At `/var/task`: it brings along all that it needs.
    Task,
    /// There, and where it lies: a virtual environment in it names itself by absolute paths.
    Both,
    /// Only where it lies: its packages are found by their place relative to it.
    AsItLies,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ClientPart, Launch, Runtime};

    fn target(code: CodePlace) -> Target {
        Target {
            name: "shop".into(),
            root: "/home/me/shop".into(),
            handler: "app.handler".into(),
            runtime: Runtime::Provided,
            launch: Launch {
                program: "/home/me/shop/.venv/bin/python".into(),
                args: vec!["-B".into(), "/run/x/clients/python/bootstrap.py".into()],
                env: Vec::new(),
                read: vec!["/home/me/shop".into(), "/usr/lib/python3.11".into()],
                path_dirs: vec!["/home/me/shop/.venv/bin".into()],
                packages: Vec::new(),
                unpack: Vec::new(),
                client: vec![ClientPart { lies: "/run/x/clients/python".into(), shows: PathBuf::new() }],
                code,
            },
            own_files: Vec::new(),
            opt: Some("/home/me/layer".into()),
        }
    }

    #[test]
    fn lambda_has_its_folders() {
        let placed = target(CodePlace::Both).place(World::Lambda);
        assert_eq!(placed.root, Path::new("/var/task"));
        assert_eq!(placed.program, Path::new("/var/task/.venv/bin/python"));
        assert_eq!(placed.args, ["-B", "/var/runtime/bootstrap.py"]);
        assert_eq!(placed.opt.as_deref(), Some(Path::new("/opt")));
        assert!(placed.shown.contains(&("/home/me/shop".into(), "/var/task".into())));
        let itself = ("/home/me/shop".into(), "/home/me/shop".into());
        assert!(placed.shown.contains(&itself));
        assert!(!target(CodePlace::Task).place(World::Lambda).shown.contains(&itself));
        assert!(target(CodePlace::Task).place(World::Host).shown.contains(&itself));
    }

    #[test]
    fn parts_of_official_clients_show_where_lambda_has_them() {
        let mut target = target(CodePlace::Task);
        target.launch.client = vec![
            ClientPart { lies: "/root/.m2/core-1.jar".into(), shows: "lib/core-1.jar".into() },
            ClientPart { lies: "/home/me".into(), shows: "node_modules/x".into() },
        ];
        target.launch.args = vec!["-cp".into(), "/root/.m2/core-1.jar:/home/me/shop/a.jar".into()];
        target.launch.args.extend(["-Da=/home/me/shop/x".into(), "-Db=c".into()]);
        let placed = target.place(World::Lambda);
        // The function lies below a part of the client, and is at its own place all the same.
        assert_eq!(placed.root, Path::new("/var/task"));
        assert_eq!(placed.args[1], "/var/runtime/lib/core-1.jar:/var/task/a.jar");
        assert_eq!(placed.args[2..], ["-Da=/var/task/x", "-Db=c"]);
        assert_eq!(placed.runtime_dir, Path::new("/var/runtime"));
        assert!(
            placed.shown.contains(&("/root/.m2/core-1.jar".into(), "/var/runtime/lib/core-1.jar".into()))
        );
        let placed = target.place(World::Host);
        assert_eq!(placed.args[1], "/root/.m2/core-1.jar:/home/me/shop/a.jar");
        assert!(placed.shown.contains(&("/root/.m2/core-1.jar".into(), "/root/.m2/core-1.jar".into())));
    }

    #[test]
    fn the_host_and_linked_packages_keep_their_places() {
        let placed = target(CodePlace::Task).place(World::Host);
        assert_eq!((placed.root.as_path(), placed.args.len()), (Path::new("/home/me/shop"), 2));
        assert_eq!(placed.opt.as_deref(), Some(Path::new("/home/me/layer")));
        let placed = target(CodePlace::AsItLies).place(World::Lambda);
        assert_eq!(placed.root, Path::new("/home/me/shop"));
        assert_eq!(placed.args[1], "/var/runtime/bootstrap.py");
    }
}
