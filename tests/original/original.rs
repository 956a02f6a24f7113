//! The emulator of AWS: fetched, started without a function. The test itself plays the runtime.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::fetched::{cached, run};
use crate::http::{Answer, Connection};
use crate::walk::{Emulator, Event, Invoked};

/// The release of the SAM CLI whose wheel is taken.
const RELEASE: &str = "1.170.0";

/// Fetches the binary for this machine.
pub(crate) fn fetch() -> Result<PathBuf, String> {
    let arch = match std::env::consts::ARCH {
        "aarch64" => "arm64",
        other => other,
    };
    let name = format!("aws-lambda-rie-{arch}");
    let folder = cached("aws-sam-cli", &format!("{RELEASE} {name}"), |folder| {
        run(Command::new("python3")
            .args(["-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check", "-d"])
            .arg(folder)
            .arg(format!("aws-sam-cli=={RELEASE}")))?;
        let unpack = "import sys, glob, zipfile, os\n\
                      folder, name = sys.argv[1:]\n\
                      wheel = glob.glob(folder + '/*.whl')[0]\n\
                      with zipfile.ZipFile(wheel) as it:\n    \
                          data = it.read('samcli/local/rapid/' + name)\n\
                      open(folder + '/' + name, 'wb').write(data)\n\
                      os.chmod(folder + '/' + name, 0o755)\n\
                      os.remove(wheel)\n";
        run(Command::new("python3").arg("-c").arg(unpack).arg(folder).arg(&name)).map(drop)
    })?;
    Ok(folder.join(name))
}

/// One running emulator.
pub(crate) struct Original {
    child: Child,
    api: SocketAddr,
    front: SocketAddr,
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Original {
    /// Starts it with a process that only waits, and ends by itself soon.
    pub(crate) fn start(binary: &Path) -> Original {
        let (api, front) = (free_port(), free_port());
        let child = Command::new(binary)
            .args(["--log-level", "error"])
            .arg(format!("--runtime-api-address=127.0.0.1:{api}"))
            .arg(format!("--runtime-interface-emulator-address=127.0.0.1:{front}"))
            .args(["/bin/sleep", "25"])
            .env("AWS_LAMBDA_FUNCTION_TIMEOUT", "20")
            .env("AWS_LAMBDA_FUNCTION_NAME", "f")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let started = Instant::now();
        for port in [api, front] {
            while TcpStream::connect(address(port)).is_err() {
                assert!(started.elapsed() < Duration::from_secs(10), "the original does not listen");
                std::thread::yield_now();
            }
        }
        Original { child, api: address(api), front: address(front) }
    }
}

impl Original {
    /// Whether it has started its runtime, which it does with the first event. Calls that come before that find no state
    /// machine, and it drops their connections.
    fn has_started(&self) -> bool {
        let tasks =
            std::fs::read_dir(format!("/proc/{}/task", self.child.id())).into_iter().flatten().flatten();
        let mut children =
            tasks.map(|it| std::fs::read_to_string(it.path().join("children")).unwrap_or_default());
        children.any(|it| !it.trim().is_empty())
    }
}

impl Emulator for Original {
    fn api(&self) -> SocketAddr {
        self.api
    }

    fn deliver(&mut self, event: &Event) -> Receiver<Invoked> {
        let (sender, receiver) = channel();
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
        std::thread::spawn(move || {
            connection.send(&bytes);
            let started = Instant::now();
            let answer = loop {
                match connection.receive(false) {
                    Answer::Silence if started.elapsed() < Duration::from_secs(15) => {}
                    answer => break answer,
                }
            };
            let _ = sender.send(match answer {
                Answer::Http { status, body, .. } => {
                    let status = status.split(' ').nth(1).unwrap_or_default().to_owned();
                    Invoked { status, body }
                }
                other => Invoked { status: format!("{other:?}"), body: Vec::new() },
            });
        });
        let started = Instant::now();
        while !self.has_started() && started.elapsed() < Duration::from_secs(5) {
            std::thread::yield_now();
        }
        receiver
    }
}

impl Drop for Original {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
