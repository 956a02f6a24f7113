//! Tests of `seeds`.
