//! Tests of `point`.
