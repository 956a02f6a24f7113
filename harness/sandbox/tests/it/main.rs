//! Process-level tests: real processes, real confinement, no sleeps; every wait has a deadline.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "clippy knows test functions, but not the helpers between them"
)]

mod canaries;
mod confinement;
mod cost;
mod execs;
mod fidelity;
mod folders;
mod hobbled;
mod kept_tmp;
mod lifetime;
mod limits;
mod many;
mod network;
mod observer;
mod opens;
mod outcome;
mod records;
mod signals;
mod support;
mod traces;
