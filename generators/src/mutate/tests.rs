//! Tests of `mutate`.
