//! What a language needs: how to find a function and start it, and our own Runtime API clients.
//!
//! This crate turns what the user typed into a [`Target`]: which file holds the handler, which
//! interpreter runs it, which paths that interpreter must be able to read, and which variables
//! Lambda would have set. It also carries the clients that speak the Runtime API inside the
//! function's process. It starts no function: that is the sandbox's work. The only processes it
//! starts are interpreters that are asked where they live, see [`interpreter`].

mod cargo_package;
mod clients;
mod echo;
mod environment;
mod error;
mod exports;
mod find;
pub mod interpreter;
mod jar;
mod jvm;
mod layers;
mod observers;
mod official;
mod place;
mod runtime;
mod typescript;

pub use clients::install_clients;
pub use echo::echo;
pub use environment::{Credentials, FunctionMeta, environment, reserved};
pub use error::RuntimeError;
pub use find::{Launch, Request, Target, find};
pub use jar::Unpack;
pub use layers::merge_layers;
pub use observers::{Observed, install_observers, observe};
pub use official::{ClientChoice, ClientPart};
pub use place::{CodePlace, Placed, TASK_ROOT, World};
pub use runtime::{Language, Runtime, Version};
