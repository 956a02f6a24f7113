//! The canary port: answers whoever asks, and remembers what they said.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// `BindResponse` with message id 1 and result `success` (RFC 4511 section 4.2.2): without it no
/// LDAP client goes on to say what it looks for.
const BOUND: &[u8] = b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00";

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// A port on loopback that is open until [`Listener::heard`] is called.
pub(crate) struct Listener {
    pub(crate) port: u16,
    heard: Arc<Mutex<Vec<u8>>>,
    closing: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Listener {
    pub(crate) fn open() -> Listener {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let closing = Arc::new(AtomicBool::new(false));
        let (log, stop) = (Arc::clone(&heard), Arc::clone(&closing));
        let thread = thread::spawn(move || {
            let mut talks = Vec::new();
            for stream in socket.incoming() {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let log = Arc::clone(&log);
                talks.push(thread::spawn(move || talk(stream.unwrap(), &log)));
            }
            talks.into_iter().for_each(|talk| talk.join().unwrap());
        });
        Listener { port, heard, closing, thread }
    }

    /// Closes the port and returns all that was said, once everybody has had their say.
    pub(crate) fn heard(self) -> String {
        self.closing.store(true, Ordering::SeqCst);
        // The listening thread is woken by a connection of our own.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        self.thread.join().unwrap();
        String::from_utf8_lossy(&self.heard.lock().unwrap()).into_owned()
    }
}

/// Hears the first two messages of a client. One that says nothing is left after a while.
fn talk(mut stream: TcpStream, log: &Mutex<Vec<u8>>) {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    let mut buffer = [0; 4096];
    for _ in 0..2 {
        let Ok(length @ 1..) = stream.read(&mut buffer) else { return };
        log.lock().unwrap().extend(&buffer[..length]);
        let ldap = buffer[0] == 0x30;
        // Clients that have heard enough are gone.
        let _ = stream.write_all(if ldap { BOUND } else { ANSWER });
        if !ldap {
            return;
        }
    }
}
