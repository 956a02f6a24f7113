//! The Lambda Runtime API and execution environments.
