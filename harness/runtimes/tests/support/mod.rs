//! A blocking stand-in for the Runtime API, and functions written on the spot.
//!
//! It answers one request at a time, as the test says, and asserts on what it reads. It is not
//! the emulator: this crate must not need it.

#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::print_stderr, reason = "a skipped test says so")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    os::{
        fd::OwnedFd,
        unix::{fs::MetadataExt, net::UnixDatagram},
    },
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::Duration,
};

use evfuzz_runtimes::{
    ClientChoice, Credentials, FunctionMeta, Observed, Request as FindRequest, RuntimeError, Target, World,
    environment, find, install_clients, install_observers, observe,
};

mod connections;

const PATIENCE: Duration = Duration::from_secs(30);

/// One HTTP request of the client.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

/// A running function, connected to this test.
pub(crate) struct Function {
    child: Child,
    listener: TcpListener,
    connection: Option<BufReader<TcpStream>>,
    count: u32,
    _folder: Option<tempfile::TempDir>,
}

/// How a function was made to end, with all that it wrote.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) stderr_bytes: Vec<u8>,
}

/// Skips with a printed reason where a runtime is missing; on CI nothing may be missing.
pub(crate) fn skip(reason: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "CI must have it all: {reason}");
    eprintln!("skipped: {reason}");
}

pub(crate) fn request(path: &Path, handler: Option<&str>, runtime: Option<&str>) -> FindRequest {
    FindRequest {
        path: path.to_owned(),
        handler: handler.map(str::to_owned),
        runtime: runtime.map(str::to_owned),
        client: ClientChoice::Own,
        client_dirs: Vec::new(),
        path_env: std::env::var_os("PATH").unwrap_or_else(|| OsString::from("/usr/bin:/bin")),
    }
}

impl Function {
    /// Writes `files` to a folder and starts the function in it; `None` if the runtime is not
    /// installed.
    pub(crate) fn write_and_start(files: &[(&str, &str)], handler: &str, runtime: &str) -> Option<Self> {
        let function = Self::start_if_installed(files, handler, runtime);
        if function.is_none() {
            skip(&format!("no {runtime}"));
        }
        function
    }

    /// The same for a version that not even CI needs to have.
    pub(crate) fn start_if_installed(files: &[(&str, &str)], handler: &str, runtime: &str) -> Option<Self> {
        Self::start_with(files, handler, runtime, &[])
    }

    /// The same with `variables` on top of the environment.
    pub(crate) fn start_with(
        files: &[(&str, &str)],
        handler: &str,
        runtime: &str,
        variables: &[(&str, &str)],
    ) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let code = folder.path().join("code");
        for (name, text) in files {
            let path = code.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let support = folder.path().join("support");
        match find(&request(&code, Some(handler), Some(runtime)), &support) {
            Ok(target) => {
                let mut function = Self::start_in(&target, &support, variables);
                function._folder = Some(folder);
                Some(function)
            }
            Err(error @ (RuntimeError::InterpreterMissing { .. } | RuntimeError::OnlyTypeScript { .. })) => {
                eprintln!("not installed: {error}");
                None
            }
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) fn start(target: &Target, support: &Path) -> Self {
        Self::start_in(target, support, &[])
    }

    fn start_in(target: &Target, support: &Path, variables: &[(&str, &str)]) -> Self {
        Self::start_on(target, support, variables, Stdio::null(), |_| {})
    }

    /// Starts the function with its observer, which tells what it sees on the socket that is returned. The function's end is its
    /// standard input: no other descriptor can be passed on without the sandbox.
    pub(crate) fn start_observed(
        files: &[(&str, &str)],
        handler: &str,
        runtime: &str,
        variables: &[(&str, &str)],
    ) -> Option<(Self, UnixDatagram)> {
        let folder = tempfile::tempdir().unwrap();
        let code = folder.path().join("code");
        for (name, text) in files {
            let path = code.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let support = folder.path().join("support");
        let target = match find(&request(&code, Some(handler), Some(runtime)), &support) {
            Ok(target) => target,
            Err(RuntimeError::InterpreterMissing { .. }) => {
                skip(&format!("no {runtime}"));
                return None;
            }
            Err(error) => panic!("{error}"),
        };
        // A space and a quote, which both need care.
        let observers = folder.path().join("an \"observer");
        assert_eq!(install_observers(&target, &observers).unwrap(), Observed::Yes);
        let (ours, theirs) = UnixDatagram::pair().unwrap();
        ours.set_read_timeout(Some(PATIENCE)).unwrap();
        theirs.set_nonblocking(true).unwrap();
        let theirs = fs::File::from(OwnedFd::from(theirs));
        let place = format!("0:{}", theirs.metadata().unwrap().ino());
        let mut function = Self::start_on(&target, &support, variables, Stdio::from(theirs), |env| {
            env.push(("EVFUZZ_OBSERVER".to_owned(), place));
            assert_eq!(observe(&target, env, &mut Vec::new(), &observers), Observed::Yes);
        });
        function._folder = Some(folder);
        Some((function, ours))
    }

    fn start_on(
        target: &Target,
        support: &Path,
        variables: &[(&str, &str)],
        stdin: Stdio,
        extend: impl FnOnce(&mut Vec<(String, String)>),
    ) -> Self {
        install_clients(support).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let credentials = Credentials {
            access_key_id: "AKIDCANARY".to_owned(),
            secret_access_key: "canary".to_owned(),
            session_token: "canary".to_owned(),
        };
        let meta = FunctionMeta::new(&target.name, credentials);
        let mut env = environment(target, &target.place(World::Host), &meta, &[]);
        // The descriptor that it names is the sandbox's.
        env.retain(|(name, _)| name != "_LAMBDA_TELEMETRY_LOG_FD");
        env.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        extend(&mut env);
        let child = Command::new(&target.launch.program)
            .args(&target.launch.args)
            .env_clear()
            .envs(env)
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .current_dir(&target.root)
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self { child, listener, connection: None, count: 0, _folder: None }
    }

    fn connection(&mut self) -> &mut BufReader<TcpStream> {
        self.connection.get_or_insert_with(|| {
            let (stream, _) = self.listener.accept().unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            stream.set_nodelay(true).unwrap();
            BufReader::new(stream)
        })
    }

    /// The client's next request; `None` if it closed the connection.
    pub(crate) fn read(&mut self) -> Option<Asked> {
        let (asked, body) = self.read_parts()?;
        Some(Asked { body: String::from_utf8(body).unwrap(), ..asked })
    }

    /// The body of the client's next request, which may be anything.
    pub(crate) fn read_bytes(&mut self) -> Vec<u8> {
        self.read_parts().expect("the client closed the connection").1
    }

    fn read_parts(&mut self) -> Option<(Asked, Vec<u8>)> {
        let reader = self.connection();
        let mut line = String::new();
        // A client that is killed can reset the connection.
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return None;
        }
        let mut words = line.split_whitespace();
        let method = words.next().unwrap().to_owned();
        let path = words.next().unwrap().to_owned();
        let mut headers = BTreeMap::new();
        loop {
            line.clear();
            reader.read_line(&mut line).unwrap();
            let Some((name, value)) = line.trim_end().split_once(':') else {
                break;
            };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let length = headers.get("content-length").map_or(0, |it| it.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        Some((Asked { method, path, headers, body: String::new() }, body))
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.connection().get_mut().write_all(bytes).unwrap();
    }

    fn event_head(&mut self, length: usize) -> String {
        self.count += 1;
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
             LAMBDA-RUNTIME-AWS-REQUEST-ID: request-{}\r\nlambda-runtime-deadline-ms: 32503680000000\r\n\
             Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:000000000000:function:f\r\n\
             Lambda-Runtime-Trace-Id: Root=1-trace-{}\r\n\
             Lambda-Runtime-Invocation-Id: nonce-{}\r\nContent-Length: {length}\r\n\r\n",
            self.count, self.count, self.count
        )
    }

    /// Answers a request for the next event, which must come now.
    pub(crate) fn send(&mut self, event: &str) {
        self.expect_next();
        let head = self.event_head(event.len());
        self.write(format!("{head}{event}").as_bytes());
    }

    /// The same, with these headers in place of those of the same name, or in addition.
    pub(crate) fn send_with(&mut self, event: &str, headers: &[(&str, &str)]) {
        self.expect_next();
        let head = self.event_head(event.len());
        let mut lines: Vec<&str> = head.trim_end().split("\r\n").collect();
        lines.retain(|line| {
            let name = line.split(':').next().unwrap();
            headers.iter().all(|(other, _)| !other.eq_ignore_ascii_case(name))
        });
        let own: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        lines.extend(own.iter().map(String::as_str));
        self.write(format!("{}\r\n\r\n{event}", lines.join("\r\n")).as_bytes());
    }

    /// The same, cut into pieces of `size` bytes that arrive one by one.
    pub(crate) fn send_in_pieces(&mut self, event: &str, size: usize) {
        self.expect_next();
        let head = self.event_head(event.len());
        for piece in format!("{head}{event}").as_bytes().chunks(size) {
            self.write(piece);
            thread::yield_now();
        }
    }

    pub(crate) fn expect_next(&mut self) {
        let asked = self.read().expect("the client closed the connection");
        assert_eq!(
            (asked.method.as_str(), asked.path.as_str()),
            ("GET", "/2018-06-01/runtime/invocation/next"),
            "{asked:?}"
        );
    }

    /// Reads an answer and accepts it. Returns `response` or `error` and the body.
    pub(crate) fn answer(&mut self) -> (String, String) {
        let asked = self.read().expect("the client closed the connection");
        assert_eq!(asked.method, "POST", "{asked:?}");
        let prefix = format!("/2018-06-01/runtime/invocation/request-{}/", self.count);
        let kind = asked.path.strip_prefix(&prefix).unwrap_or_else(|| panic!("{asked:?}"));
        assert_eq!(asked.headers["lambda-runtime-invocation-id"], format!("nonce-{}", self.count));
        assert!(kind == "error" || !asked.headers.contains_key("lambda-runtime-function-error-type"));
        let kind = kind.to_owned();
        self.accept();
        (kind, asked.body)
    }

    pub(crate) fn accept(&mut self) {
        self.reply("202 Accepted");
    }

    /// Answers a post.
    pub(crate) fn reply(&mut self, status: &str) {
        let body = "{\"status\":\"OK\"}\n";
        let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\ncontent-length: ");
        self.write(format!("{head}{}\r\n\r\n{body}", body.len()).as_bytes());
    }

    pub(crate) fn invoke(&mut self, event: &str) -> (String, String) {
        self.send(event);
        self.answer()
    }

    /// The body of a successful answer to `event`.
    pub(crate) fn respond(&mut self, event: &str) -> String {
        let (kind, body) = self.invoke(event);
        assert_eq!(kind, "response", "{body}");
        body
    }

    /// The error that answers `event`.
    pub(crate) fn fail(&mut self, event: &str) -> serde_json::Value {
        let (kind, body) = self.invoke(event);
        assert_eq!(kind, "error", "{body}");
        serde_json::from_str(&body).unwrap()
    }

    /// The error that the function's loading ends with; the process must end with status 1.
    pub(crate) fn init_error(mut self) -> serde_json::Value {
        let asked = self.read().expect("the client closed the connection");
        assert_eq!(asked.path, "/2018-06-01/runtime/init/error", "{asked:?}");
        let error: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
        assert_eq!(asked.headers["lambda-runtime-function-error-type"], error["errorType"]);
        self.accept();
        let ended = self.end();
        assert_eq!(ended.status.code(), Some(1), "{ended:?}");
        error
    }

    /// Waits until the process ends by itself, which must not have connected.
    pub(crate) fn end_without_a_word(self) -> Ended {
        let listener = self.listener.try_clone().unwrap();
        let ended = self.end();
        listener.set_nonblocking(true).unwrap();
        assert!(listener.accept().is_err(), "the client connected: {ended:?}");
        ended
    }

    /// Waits until the process ends or connects, and says which it was.
    pub(crate) fn connects_before_it_ends(&mut self) -> bool {
        self.listener.set_nonblocking(true).unwrap();
        loop {
            let ended = self.child.try_wait().unwrap().is_some();
            if self.listener.accept().is_ok() {
                return true;
            }
            if ended {
                return false;
            }
            thread::yield_now();
        }
    }

    /// Reads its stderr from now on, where it writes more than a pipe holds.
    pub(crate) fn read_stderr(&mut self) -> thread::JoinHandle<Vec<u8>> {
        let mut stderr = self.child.stderr.take().unwrap();
        thread::spawn(move || {
            let mut bytes = Vec::new();
            stderr.read_to_end(&mut bytes).unwrap();
            bytes
        })
    }

    /// Waits until the process ends by itself.
    pub(crate) fn end(mut self) -> Ended {
        let mut stdout = String::new();
        let mut stderr_bytes = Vec::new();
        self.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        if let Some(mut stderr) = self.child.stderr.take() {
            stderr.read_to_end(&mut stderr_bytes).unwrap();
        }
        let stderr = String::from_utf8_lossy(&stderr_bytes).into_owned();
        Ended { status: self.child.wait().unwrap(), stdout, stderr, stderr_bytes }
    }

    /// Closes the connection, then waits.
    pub(crate) fn hang_up(mut self) -> Ended {
        self.connection();
        self.connection = None;
        self.end()
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // Both fail only if it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
