//! Tests of `s3`.
