//! Whether this process was started without a standard output, which only a look before `main` can tell.
//!
//! Rust's start-up code opens `/dev/null` in place of a closed descriptor, so that no file gets its number. From then on all
//! that is written there seems to arrive.

use std::sync::atomic::{AtomicBool, Ordering};

static CLOSED: AtomicBool = AtomicBool::new(false);

/// Whether standard output was closed when this process was started (`>&-`).
pub fn stdout_was_closed() -> bool {
    CLOSED.load(Ordering::Relaxed)
}

extern "C" fn look() {
    // SAFETY: fcntl(2) with F_GETFD takes no pointer and changes nothing. An `AtomicBool` needs no start-up code.
    let closed = unsafe { libc::fcntl(libc::STDOUT_FILENO, libc::F_GETFD) } == -1;
    CLOSED.store(closed, Ordering::Relaxed);
}

// SAFETY: the section holds pointers to functions, which the C library calls before `main`
// (elf(5), SHT_INIT_ARRAY); this is one, and relies on nothing of Rust's runtime.
#[used]
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = look;
