//! The emulator of AWS with an official client, on the core on which `evfuzz bench` measures.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::clients::{Client, Ready, identity};

/// A running emulator; ends with this value.
pub(crate) struct Original {
    child: Child,
    port: u16,
}

impl Original {
    /// Starts it with the function of `client`. `None` for our own clients: it would start them from nowhere.
    pub(crate) fn start(binary: &Path, client: Client, ready: &Ready) -> Option<Original> {
        let (api, front) = (free_port(), free_port());
        // taskset: `evfuzz bench` measures on the first core that it may use.
        let mut command = Command::new("taskset");
        command.args(["-c", &first_core().to_string()]).arg(binary).args(["--log-level", "error"]);
        command.arg(format!("--runtime-api-address=127.0.0.1:{api}"));
        command.arg(format!("--runtime-interface-emulator-address=127.0.0.1:{front}"));
        let handler = client.handler().map(identity);
        let dir = ready
            .args
            .iter()
            .position(|it| it == "--client-dir")
            .map(|at| PathBuf::from(&ready.args[at + 1]));
        match client {
            Client::OurNode20 | Client::OurNode22 | Client::OurPython | Client::Shell => return None,
            Client::AwsLambdaRic3 | Client::AwsLambdaRic4 => {
                let package = dir?.join("node_modules/aws-lambda-ric");
                let entry = if client == Client::AwsLambdaRic3 { "bin/index.mjs" } else { "index.mjs" };
                command
                    .arg(ready.path.as_ref()?.join("node"))
                    .arg(package.join(entry))
                    .arg(handler.as_ref()?);
            }
            Client::Awslambdaric => {
                command
                    .env("PYTHONPATH", dir?)
                    .args(["python3", "-m", "awslambdaric"])
                    .arg(handler.as_ref()?);
            }
            Client::LambdaRuntime | Client::AwsLambdaGo => {
                command.arg(ready.function.join("bootstrap"));
            }
            Client::Java => {
                let class_path = format!("{}:{}/*", ready.function.display(), dir?.display());
                command.args(["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", &class_path]);
                command
                    .arg("com.amazonaws.services.lambda.runtime.api.client.AWSLambda")
                    .arg(handler.as_ref()?);
            }
        }
        let child = command
            .current_dir(&ready.function)
            .env("LAMBDA_TASK_ROOT", &ready.function)
            .env("_HANDLER", handler.unwrap_or_default())
            .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "g")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "s")
            .env("CONFORMANCE_IDENTITY", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let started = Instant::now();
        while TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], front))).is_err() {
            if started.elapsed() > Duration::from_secs(10) {
                return None;
            }
            std::thread::yield_now();
        }
        Some(Original { child, port: front })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/2015-03-31/functions/function/invocations", self.port)
    }
}

impl Drop for Original {
    fn drop(&mut self) {
        // Its function is in a group of its own: the emulator ends it when it is asked to end.
        if let Ok(id) = i32::try_from(self.child.id())
            && let Some(pid) = rustix::process::Pid::from_raw(id)
        {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(5) {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::yield_now();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn first_core() -> usize {
    let allowed = rustix::thread::sched_getaffinity(None).unwrap();
    (0..rustix::thread::CpuSet::MAX_CPU).find(|core| allowed.is_set(*core)).unwrap_or(0)
}
