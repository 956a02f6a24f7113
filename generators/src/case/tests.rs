//! Tests of `case`.
