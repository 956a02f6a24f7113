//! Tests of `sqs`.
