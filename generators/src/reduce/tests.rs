//! Tests of `reduce`.
