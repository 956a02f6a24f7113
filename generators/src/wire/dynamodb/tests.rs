//! Tests of `dynamodb`.
