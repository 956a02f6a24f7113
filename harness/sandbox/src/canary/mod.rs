//! Canaries: harmless commands whose run is evidence.
//!
//! A canary does nothing but call `execve` on a path that does not exist.
//! The exec watch sees that call, so it proves that the canary's own code ran, with these arguments.

mod elf;
mod pool;

pub use self::pool::CanaryPool;
pub(crate) use self::pool::ORIGIN;

/// The path that a canary's code tries to execute. It must not exist.
pub(crate) const RAN: &str = "/evfuzz-canary-ran";
