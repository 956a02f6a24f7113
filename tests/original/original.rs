//! The emulator of AWS, started with a process that only waits. The test itself plays the runtime.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{TryRecvError, channel};
use std::time::{Duration, Instant};

use crate::fetched::run;
use crate::http::{Answer, Connection};
use crate::walk::{Delivered, Emulator, End, Event, Invoked, Scenario, Starts};

/// What it starts as the function: tells the token of the metadata endpoint, waits for a line and does what that says. When
/// nobody can write that line any more, it ends.
const FUNCTION: &str = "cd \"$1\"; printf %s \"$AWS_LAMBDA_METADATA_TOKEN\" > token.new; mv token.new token; read -r how < orders && eval \"$how\"";

/// Longest time that anything here takes on a slow machine.
const LIMIT: Duration = Duration::from_secs(20);

/// One running emulator.
pub(crate) struct Original {
    child: Child,
    api: SocketAddr,
    front: SocketAddr,
    folder: tempfile::TempDir,
    /// Held open so that the function goes on waiting.
    orders: File,
    delivered: usize,
}

/// An address of the loopback network that nobody else uses, so that ports need not be guessed.
fn own_address() -> Ipv4Addr {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    let number = std::process::id() * 500 + TAKEN.fetch_add(1, Ordering::Relaxed);
    let [_, a, b, c] = (number % 0x00c0_0000).to_be_bytes();
    Ipv4Addr::new(127, a + 1, b, c)
}

impl Original {
    /// Starts it for `scenario`.
    pub(crate) fn start(binary: &Path, scenario: &Scenario) -> Original {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        run(Command::new("mkfifo").arg(file("orders"))).unwrap();
        // Opened for both, it is open at once.
        let orders = OpenOptions::new().read(true).write(true).open(file("orders")).unwrap();
        let host = own_address();
        let (api, front) = (SocketAddr::from((host, 9001)), SocketAddr::from((host, 8080)));
        let mut child = Command::new(binary)
            .args(["--log-level", "debug"])
            .arg(format!("--runtime-api-address={api}"))
            .arg(format!("--runtime-interface-emulator-address={front}"))
            .args((scenario.starts == Starts::Restored).then_some("--enable-init-caching"))
            .args(["/bin/sh", "-c", FUNCTION, "sh"])
            .arg(folder.path())
            .env("AWS_LAMBDA_FUNCTION_TIMEOUT", scenario.timeout.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "f")
            .stdin(Stdio::null())
            .stdout(File::create(file("stdout")).unwrap())
            .stderr(File::create(file("stderr")).unwrap())
            .spawn()
            .unwrap();
        let started = Instant::now();
        for address in [api, front] {
            while TcpStream::connect(address).is_err() {
                assert!(child.try_wait().unwrap().is_none(), "the original ended");
                assert!(started.elapsed() < LIMIT, "the original does not listen");
                std::thread::yield_now();
            }
        }
        Original { child, api, front, folder, orders, delivered: 0 }
    }

    fn text(&self, name: &str) -> String {
        let bytes = fs::read(self.folder.path().join(name)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The id of the last event, which it prints.
    fn id(&self) -> Option<String> {
        let printed = self.text("stdout");
        let mut ids = printed.lines().filter_map(|line| line.strip_prefix("START RequestId: "));
        let id = ids.nth(self.delivered - 1)?.split(' ').next();
        // It starts its function with the first event. Before, calls find no state machine, and it drops their connections.
        id.filter(|_| self.folder.path().join("token").exists()).map(str::to_owned)
    }
}

impl Emulator for Original {
    fn api(&self) -> SocketAddr {
        self.api
    }

    fn deliver(&mut self, event: &Event) -> Delivered {
        let (sender, receiver) = channel();
        let (told, end) = channel();
        let mut connection = Connection::open(self.front);
        let mut request = format!(
            "POST /2015-03-31/functions/function/invocations HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n",
            event.body.len()
        );
        for (name, value) in event.headers() {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        let mut bytes = format!("{request}\r\n").into_bytes();
        bytes.extend_from_slice(&event.body);
        let log = self.folder.path().join("stderr");
        std::thread::spawn(move || {
            connection.send(&bytes);
            let _ = sender.send(match connection.receive(false, Duration::from_secs(60)) {
                Answer::Http { status, body, .. } => {
                    let status = status.split(' ').nth(1).unwrap_or_default().to_owned();
                    Invoked { status, noted: noted(&log), body }
                }
                other => Invoked { status: format!("{other:?}"), noted: None, body: Vec::new() },
            });
        });
        self.delivered += 1;
        let started = Instant::now();
        loop {
            match receiver.try_recv() {
                Ok(refused) => {
                    told.send(refused).unwrap();
                    return Delivered { id: self.id(), end };
                }
                Err(TryRecvError::Disconnected) => panic!("nobody waits for the original's answer"),
                Err(TryRecvError::Empty) => {}
            }
            if let Some(id) = self.id() {
                return Delivered { id: Some(id), end: receiver };
            }
            assert!(started.elapsed() < LIMIT, "the original does not take an event");
            std::thread::yield_now();
        }
    }

    fn end(&mut self, how: End) {
        match how {
            End::Exit(code) => writeln!(self.orders, "exit {code}").unwrap(),
            End::Signal(_, name) => writeln!(self.orders, "kill -{name} $$").unwrap(),
            End::Timeout => {}
        }
    }

    fn token(&self) -> String {
        self.text("token")
    }
}

impl Drop for Original {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The type of an error and whether its X-Ray cause was refused, as its log tells.
fn noted(log: &Path) -> Option<String> {
    let text = String::from_utf8_lossy(&fs::read(log).unwrap_or_default()).into_owned();
    let after = |mark: &str| {
        text.lines().rev().find_map(|line| Some(line.split_once(mark)?.1.trim_end_matches('"').to_owned()))
    };
    let kind = after("Sending Error Response: ").or_else(|| after("Sending Init Error Response: "))?;
    let refused = if text.contains("errorCause validation error") { ", cause refused" } else { "" };
    Some(format!("{kind}{refused}"))
}
