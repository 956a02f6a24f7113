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
    /// The merged layers, if there are any.
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
        shown.extend(launch.runtime_dir.iter().chain(&self.opt).map(|it| (it.clone(), map.inside(it))));
        shown.extend(
            map.moved.iter().filter(|(_, to)| *to == TASK_ROOT).map(|(from, to)| (from.clone(), to.into())),
        );
        Placed {
            root: map.inside(&self.root),
            runtime_dir: launch
                .runtime_dir
                .as_deref()
                .map_or_else(|| RUNTIME_DIR.into(), |it| map.inside(it)),
            program: map.inside(&launch.program),
            args: launch.args.iter().map(|arg| map.argument(arg)).collect(),
            path_dirs: launch.path_dirs.iter().map(|dir| map.inside(dir)).collect(),
            packages: launch.packages.iter().map(|dir| map.inside(dir)).collect(),
            opt: self.opt.as_deref().map(|it| map.inside(it)),
            shown,
        }
    }
}

/// Which folders show elsewhere.
struct Map {
    moved: Vec<(PathBuf, &'static str)>,
}

impl Map {
    fn of(target: &Target, world: World) -> Map {
        let mut moved = Vec::new();
        let folders = [(target.launch.runtime_dir.as_ref(), RUNTIME_DIR), (target.opt.as_ref(), OPT)];
        moved.extend(folders.into_iter().filter_map(|(from, to)| Some((from?.clone(), to))));
        if target.launch.code != CodePlace::AsItLies {
            moved.push((target.root.clone(), TASK_ROOT));
        }
        match world {
            World::Lambda => Map { moved },
            World::Host => Map { moved: Vec::new() },
        }
    }

    fn inside(&self, path: &Path) -> PathBuf {
        let moved = self.moved.iter().find_map(|(from, to)| {
            let below = path.strip_prefix(from).ok()?;
            // Joining nothing would end the path in a slash.
            Some(if below.as_os_str().is_empty() { PathBuf::from(to) } else { Path::new(to).join(below) })
        });
        moved.unwrap_or_else(|| path.to_owned())
    }

    /// An argument: a path, or several as in a class path.
    fn argument(&self, arg: &OsStr) -> OsString {
        if !Path::new(arg).is_absolute() {
            return arg.to_owned();
        }
        let parts = arg.as_bytes().split(|it| *it == b':');
        let inside = parts.map(|part| self.inside(Path::new(OsStr::from_bytes(part))).into_os_string());
        inside.collect::<Vec<_>>().join(OsStr::new(":"))
    }
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
    use crate::{Launch, Runtime};

    fn target(code: CodePlace) -> Target {
        Target {
            name: "shop".into(),
            root: "/home/me/shop".into(),
            handler: "app.handler".into(),
            runtime: Runtime::Provided,
            launch: Launch {
                program: "/home/me/shop/.venv/bin/python".into(),
                args: vec!["-B".into(), "/run/x/clients/python/client.py".into()],
                env: Vec::new(),
                read: vec!["/home/me/shop".into(), "/usr/lib/python3.11".into()],
                path_dirs: vec!["/home/me/shop/.venv/bin".into()],
                packages: Vec::new(),
                runtime_dir: Some("/run/x/clients/python".into()),
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
        assert_eq!(placed.args, ["-B", "/var/runtime/client.py"]);
        assert_eq!(placed.opt.as_deref(), Some(Path::new("/opt")));
        assert!(placed.shown.contains(&("/home/me/shop".into(), "/var/task".into())));
        let itself = ("/home/me/shop".into(), "/home/me/shop".into());
        assert!(placed.shown.contains(&itself));
        assert!(!target(CodePlace::Task).place(World::Lambda).shown.contains(&itself));
        assert!(target(CodePlace::Task).place(World::Host).shown.contains(&itself));
    }

    #[test]
    fn the_host_and_linked_packages_keep_their_places() {
        let placed = target(CodePlace::Task).place(World::Host);
        assert_eq!((placed.root.as_path(), placed.args.len()), (Path::new("/home/me/shop"), 2));
        assert_eq!(placed.opt.as_deref(), Some(Path::new("/home/me/layer")));
        let placed = target(CodePlace::AsItLies).place(World::Lambda);
        assert_eq!(placed.root, Path::new("/home/me/shop"));
        assert_eq!(placed.args[1], "/var/runtime/client.py");
    }
}
