//! Texts of `/proc`, a tree in a temporary directory that behaves like the kernel's, and the kernel itself.

mod fake;
mod places;
mod real;
mod texts;
