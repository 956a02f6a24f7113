//! What there is to be reached, all of it laid freshly for one run of one program and outside of its cage.
//!
//! A *token* is a random text that nobody can know who has not read it where it was put.
//! Its name tells where that was, so a token in a program's output is proof and says what was read.

use std::{
    ffi::OsString,
    fs,
    io::Read,
    net::{TcpListener, UdpSocket},
    os::{
        linux::net::SocketAddrExt,
        unix::{
            fs::{MetadataExt, PermissionsExt},
            net::{SocketAddr, UnixDatagram, UnixListener},
        },
    },
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use crate::{bystander::Bystander, kernel_bait::KernelBait, kit::Kit};

/// Begins every token.
pub(crate) const TOKEN: &str = "evfuzz-secret-";
/// Names of files that the test itself makes later begin like this.
const LATER: &str = "later-";

/// A fresh token for what `name` says.
pub(crate) fn token(name: &str) -> String {
    format!("{TOKEN}{name}-{}", random())
}

/// 128 random bits in hexadecimal.
pub(crate) fn random() -> String {
    let mut bytes = [0; 16];
    fs::File::open("/dev/urandom").unwrap().read_exact(&mut bytes).unwrap();
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}

/// A directory of the user as there may be several: below `/tmp`, in `/var/tmp`, in shared memory.
struct Place {
    dir: TempDir,
}

impl Place {
    fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }
}

/// Everything that a program could reach.
pub(crate) struct Bait {
    places: Vec<Place>,
    tcp: Vec<(&'static str, TcpListener)>,
    udp: UdpSocket,
    unix: UnixListener,
    unix_datagram: UnixDatagram,
    abstract_stream: UnixListener,
    abstract_datagram: UnixDatagram,
    abstract_name: String,
    /// A name that is free for the program to take.
    pub(crate) abstract_free: String,
    kernel: KernelBait,
    pub(crate) victim: Bystander,
    /// Marks the program and all its descendants.
    pub(crate) mark: String,
    /// In the memory of the harness.
    in_memory: String,
    /// Directories that must stay as they are, with what they were.
    watched: Vec<(PathBuf, Vec<Seen>)>,
}

/// One file as it was. The time of change covers contents, modes, owners, times, attributes and links.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    path: PathBuf,
    inode: u64,
    mode: u32,
    links: u64,
    changed: (i64, i64),
}

impl Bait {
    pub(crate) fn lay(kit: &Kit) -> Bait {
        let places = places();
        let home = places[0].home();
        let bind = |address: &str| {
            let listener = TcpListener::bind(address).ok()?;
            listener.set_nonblocking(true).unwrap();
            Some(listener)
        };
        let tcp = [("TCP4", "127.0.0.1:0"), ("TCP6", "[::1]:0"), ("TCP_OTHER", "127.0.0.2:0")];
        let tcp = tcp.into_iter().filter_map(|(name, at)| Some((name, bind(at)?))).collect();
        let abstract_name = format!("evfuzz-{}", random());
        let named =
            |suffix: &str| SocketAddr::from_abstract_name(format!("{abstract_name}{suffix}")).unwrap();
        let bait = Bait {
            tcp,
            udp: UdpSocket::bind("127.0.0.1:0").unwrap(),
            unix: UnixListener::bind(home.join("docker.sock")).unwrap(),
            unix_datagram: UnixDatagram::bind(home.join("datagram.sock")).unwrap(),
            abstract_stream: UnixListener::bind_addr(&named("")).unwrap(),
            abstract_datagram: UnixDatagram::bind_addr(&named("-datagram")).unwrap(),
            abstract_name,
            abstract_free: format!("evfuzz-{}", random()),
            kernel: KernelBait::lay(&home.join("secret")),
            victim: Bystander::beside(kit, &home, &token("victim-file")),
            mark: random(),
            in_memory: token("harness-memory"),
            watched: places.iter().map(|it| (it.home(), Vec::new())).collect(),
            places,
        };
        bait.udp.set_nonblocking(true).unwrap();
        bait.unix.set_nonblocking(true).unwrap();
        bait.unix_datagram.set_nonblocking(true).unwrap();
        bait.abstract_stream.set_nonblocking(true).unwrap();
        bait.abstract_datagram.set_nonblocking(true).unwrap();
        bait
    }

    /// Where the test may put what belongs to the run; not watched.
    pub(crate) fn room(&self) -> &Path {
        self.places[0].dir.path()
    }

    /// A file whose appearance ends a program that runs outside of the sandbox.
    pub(crate) fn stop_file(&self) -> PathBuf {
        self.room().join("stop")
    }

    pub(crate) fn secret(&self) -> PathBuf {
        self.places[0].home().join("secret")
    }

    pub(crate) fn target(&self) -> PathBuf {
        self.places[0].home().join("target")
    }

    /// From now on a change in `dir`, and in all of the bait, is seen.
    pub(crate) fn watch(&mut self, dirs: &[&Path]) {
        self.watched.extend(dirs.iter().map(|it| (it.to_path_buf(), Vec::new())));
        for (dir, seen) in &mut self.watched {
            *seen = look(dir);
        }
    }

    /// What happens to `dir` is our own doing from now on.
    pub(crate) fn forget(&mut self, dir: &Path) {
        self.watched.retain(|(it, _)| it != dir);
    }

    /// What the program is told: where everything is, and never a token.
    pub(crate) fn env(&self, kit: &Kit) -> Vec<(OsString, OsString)> {
        let list = |name: &str| {
            let paths: Vec<String> =
                self.places.iter().map(|it| it.home().join(name).display().to_string()).collect();
            paths.join(":").trim_end_matches('/').replace("/:", ":")
        };
        let at = |name: &str| self.places[0].home().join(name).display().to_string();
        let mut env = vec![
            ("SECRETS", list("secret")),
            ("TARGETS", list("target")),
            ("OUTSIDE", list("")),
            ("UDP", self.udp.local_addr().unwrap().port().to_string()),
            ("UNIX", at("docker.sock")),
            ("UNIX_DATAGRAM", at("datagram.sock")),
            ("ABSTRACT", self.abstract_name.clone()),
            ("ABSTRACT_FREE", self.abstract_free.clone()),
            ("VICTIM_PID", self.victim.pid().to_string()),
            ("VICTIM_ADDRESS", self.victim.address.to_string()),
            ("VICTIM_FD", self.victim.fd.to_string()),
            ("MARK", self.mark.clone()),
            ("PATH", "/usr/bin:/bin".to_owned()),
            ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
            ("SETUID_PROGRAM", kit.dir().join(crate::kit::SETUID).display().to_string()),
            ("ROOT_SECRET", kit.dir().join(crate::kit::ROOT_SECRET).display().to_string()),
        ];
        env.extend(self.tcp.iter().map(|(name, it)| (*name, it.local_addr().unwrap().port().to_string())));
        env.extend(self.kernel.env());
        env.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
    }

    /// How the program can find the harness's memory.
    pub(crate) fn harness(&self) -> [(OsString, OsString); 2] {
        [
            ("HARNESS_PID".into(), std::process::id().to_string().into()),
            ("HARNESS_ADDRESS".into(), (self.in_memory.as_ptr() as usize).to_string().into()),
        ]
    }

    /// What others do on this machine: a file whose name is a token, and a datagram with a token.
    pub(crate) fn be_busy(&self) {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.send_to(token("datagram").as_bytes(), socket.local_addr().unwrap()).unwrap();
        for place in &self.places {
            fs::write(place.home().join(format!("{LATER}{}", token("file-name"))), "").unwrap();
        }
    }

    /// All that happened to the bait.
    pub(crate) fn taken(&mut self) -> Vec<String> {
        let mut seen = Vec::new();
        for (dir, before) in &self.watched {
            seen.extend(differences(before, &look(dir)));
        }
        for (name, listener) in &self.tcp {
            while listener.accept().is_ok() {
                seen.push(format!("a connection to {name}"));
            }
        }
        let mut bytes = [0; 256];
        let heard = [
            ("a datagram by UDP", self.udp.recv(&mut bytes).is_ok()),
            ("a connection to the unix socket", self.unix.accept().is_ok()),
            ("a unix datagram", self.unix_datagram.recv(&mut bytes).is_ok()),
            ("a connection to the abstract socket", self.abstract_stream.accept().is_ok()),
            ("an abstract datagram", self.abstract_datagram.recv(&mut bytes).is_ok()),
        ];
        seen.extend(heard.into_iter().filter(|(_, it)| *it).map(|(what, _)| what.to_owned()));
        seen.extend(self.kernel.taken());
        seen.extend(self.victim.suffered("the bystander"));
        seen.sort();
        seen.dedup();
        seen
    }

    /// Facts that can be learnt only by looking where the program must not look.
    pub(crate) fn facts(&self) -> Vec<(String, String)> {
        let mut facts = Vec::new();
        let shadow = Command::new("sha256sum").arg("/etc/shadow").output();
        if let Some(sum) =
            shadow.ok().and_then(|it| String::from_utf8(it.stdout).ok()?.split(' ').next().map(str::to_owned))
            && !sum.is_empty()
        {
            facts.push(("the checksum of /etc/shadow".to_owned(), format!("ESCAPED {sum}")));
        }
        for (name, listener) in &self.tcp {
            let inode = rustix::fs::fstat(listener).unwrap().st_ino;
            facts.push((format!("the inode of {name}"), format!("ESCAPED inode {inode}")));
        }
        facts
    }
}

/// The homes, each with a secret and a file to overwrite.
fn places() -> Vec<Place> {
    let roots = [std::env::temp_dir(), "/var/tmp".into(), "/dev/shm".into()];
    let make = |root: &PathBuf| {
        let dir = tempfile::Builder::new().prefix("evfuzz-bait-").tempdir_in(root).ok()?;
        // The directories may be passed, so that only the file itself and the cage stand in the way.
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let place = Place { dir };
        fs::create_dir(place.home()).unwrap();
        for (name, text) in [("secret", token("home")), ("target", "untouched".to_owned())] {
            let path = place.home().join(name);
            fs::write(&path, text + "\n").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        Some(place)
    };
    let places: Vec<Place> = roots.iter().filter_map(make).collect();
    assert!(!places.is_empty(), "no place for bait");
    places
}

fn look(dir: &Path) -> Vec<Seen> {
    let (mut seen, mut todo) = (Vec::new(), vec![dir.to_owned()]);
    while let Some(path) = todo.pop() {
        let Ok(found) = path.symlink_metadata() else {
            continue;
        };
        if found.is_dir() {
            let entries = fs::read_dir(&path).into_iter().flatten().flatten().map(|it| it.path());
            todo.extend(entries.filter(|it| !it.file_name().unwrap().to_string_lossy().starts_with(LATER)));
        }
        let changed = (found.ctime(), found.ctime_nsec());
        let (inode, mode, links) = (found.ino(), found.mode(), found.nlink());
        seen.push(Seen { path, inode, mode, links, changed });
    }
    seen.sort_by(|a, b| a.path.cmp(&b.path));
    seen
}

fn differences(before: &[Seen], after: &[Seen]) -> Vec<String> {
    let mut all = Vec::new();
    for it in before {
        match after.iter().find(|other| other.path == it.path) {
            None => all.push(format!("gone: {}", short(&it.path))),
            Some(other) if other == it => {}
            Some(other) => {
                // Files that come and go by our own hand change their directory, not its mode.
                let later_only = it.inode == other.inode
                    && it.mode == other.mode
                    && it.mode & libc::S_IFMT == libc::S_IFDIR;
                if !later_only || !has_later(&it.path) {
                    all.push(format!("changed: {} ({:o} to {:o})", short(&it.path), it.mode, other.mode));
                }
            }
        }
    }
    for it in after.iter().filter(|it| before.iter().all(|other| other.path != it.path)) {
        all.push(format!("new: {}", short(&it.path)));
    }
    all
}

fn has_later(dir: &Path) -> bool {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.into_iter().any(|it| it.file_name().to_string_lossy().starts_with(LATER))
}

/// The end of a path, since its beginning is random.
fn short(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|it| it.to_string_lossy()).collect();
    format!("…/{}", parts[parts.len().saturating_sub(2)..].join("/"))
}
