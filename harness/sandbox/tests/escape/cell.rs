//! The four cells: who runs the harness, and what confines the function.
//!
//! Cells of an ordinary user are run by a copy of this test under another uid when the test runs as root.

use std::{
    fmt, fs,
    io::{BufRead, BufReader},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use evfuzz_sandbox::{BarrierWish, IsolationWish, WatchWish};

use crate::{
    cage,
    kit::{self, Kit},
    table::{Row, Verdict},
};

/// The user nobody, on every distribution that matters here.
pub(crate) const NOBODY: u32 = 65534;
/// Says to a copy of this test which cell it is to run.
const CELL: &str = "EVFUZZ_ESCAPE_CELL";
/// Says where its programs are.
const CODE: &str = "EVFUZZ_ESCAPE_CODE";
/// Marks a row among the lines of libtest.
const ROW: &str = "ROW ";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum User {
    Root,
    Ordinary,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Layer {
    One,
    Two,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cell {
    pub(crate) user: User,
    pub(crate) layer: Layer,
}

impl Cell {
    pub(crate) const ALL: [Cell; 4] = [
        Cell { user: User::Root, layer: Layer::One },
        Cell { user: User::Root, layer: Layer::Two },
        Cell { user: User::Ordinary, layer: Layer::One },
        Cell { user: User::Ordinary, layer: Layer::Two },
    ];

    /// Runs all programs in this cell, in this process or in one of the right user.
    pub(crate) fn run(self) -> Vec<Row> {
        match (self.user, is_root()) {
            (User::Root, false) => crate::hostile::all()
                .map(|it| Row {
                    program: it.file.to_owned(),
                    verdict: Verdict::NotApplicable("not root".to_owned()),
                })
                .collect(),
            (User::Ordinary, true) => self.run_as_nobody(),
            (User::Root, true) | (User::Ordinary, false) => {
                let dir = tempfile::tempdir().unwrap();
                let code = dir.path().join("code");
                Kit::built().copy_to(&code, None);
                cage::run_all(self, &Kit::at(&code), |_| {})
            }
        }
    }

    fn run_as_nobody(self) -> Vec<Row> {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let place = |name: &str| dir.path().join(name);
        fs::copy(std::env::current_exe().unwrap(), place("test")).unwrap();
        fs::copy(kit::keeper(), place("keeper")).unwrap();
        Kit::built().copy_to(&place("code"), Some(NOBODY));
        // Below a directory that another user may pass, and its own.
        fs::create_dir(place("tmp")).unwrap();
        std::os::unix::fs::chown(place("tmp"), Some(NOBODY), Some(NOBODY)).unwrap();
        let mut child = Command::new(place("test"))
            .args(["an_ordinary_users_cell", "--exact", "--nocapture", "--test-threads=1"])
            .env(CELL, self.to_string())
            .env(CODE, place("code"))
            .env("EVFUZZ_TEST_KEEPER", place("keeper"))
            .env("TMPDIR", place("tmp"))
            .env("HOME", place("tmp"))
            .current_dir("/")
            // Without CAP_SETGID in hand std sets no supplementary groups; as root it drops them all (CommandExt::uid).
            .uid(NOBODY)
            .gid(NOBODY)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut rows = Vec::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            match line.split_once(ROW) {
                Some((_, row)) => rows.push(serde_json::from_str(row).unwrap()),
                None => println!("{self}: {line}"),
            }
        }
        let status = child.wait().unwrap();
        assert!(status.success(), "{self}: the harness did not survive: {status}");
        rows
    }

    pub(crate) fn wish(self, watch: WatchWish) -> IsolationWish {
        let barriers = match self.layer {
            Layer::One => BarrierWish::LandlockOnly,
            Layer::Two => BarrierWish::Auto,
        };
        IsolationWish { barriers, watch, ..IsolationWish::default() }
    }
}

/// The other side of `run_as_nobody`; does nothing in an ordinary test run.
pub(crate) fn run_if_asked() {
    let (Some(cell), Some(code)) = (std::env::var_os(CELL), std::env::var_os(CODE)) else {
        return;
    };
    let cell = Cell::ALL.into_iter().find(|it| cell == it.to_string().as_str()).unwrap();
    cage::run_all(cell, &Kit::at(Path::new(&PathBuf::from(code))), |row| {
        println!("{ROW}{}", serde_json::to_string(row).unwrap());
    });
}

pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = match self.user {
            User::Root => "root",
            User::Ordinary => "user",
        };
        let layer = match self.layer {
            Layer::One => 1,
            Layer::Two => 2,
        };
        write!(f, "{user}, layer {layer}")
    }
}
