//! Events exactly as AWS would deliver them, mutated exactly where a sender can.
//!
//! Everything here is a pure function of its arguments: no tokio, files, clock, environment or
//! global randomness. So a test case can be rebuilt from the numbers printed in a finding.

pub mod breakout;
pub mod case;
pub mod codec;
pub mod deliver;
pub mod dictionary;
pub mod edit;
pub mod lexicon;
pub mod mutate;
pub mod nonce;
pub mod payload;
pub mod point;
pub mod pool;
pub mod reduce;
pub mod seeds;
pub mod source;
pub mod tree;
pub mod values;
pub mod wire;
