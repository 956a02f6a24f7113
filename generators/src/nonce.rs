//! Nonces: the random word in a payload whose effect proves execution.
//!
//! One nonce belongs to one injection point of one test case and is never used again, so an
//! effect that comes late still names the payload that caused it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Letters and digits that survive lower-casing, `basename`, URL decoding and every charset
/// in which a payload can travel.
const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// A nonce: `ev` and eight characters of `[0-9a-z]`. Also the name of the canary command.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Nonce(String);

impl Nonce {
    /// Length of every nonce, in bytes: a payload grows by a known amount.
    pub const LEN: usize = 10;

    /// Reads a nonce as stored in a finding. `None` if `text` does not have its form.
    pub fn parse(text: &str) -> Option<Nonce> {
        let digits = text.strip_prefix("ev")?;
        (digits.len() == 8 && digits.bytes().all(|byte| ALPHABET.contains(&byte)))
            .then(|| Nonce(text.to_owned()))
    }

    /// All words in a text that have the form of a nonce, in their order.
    ///
    /// ```
    /// use evfuzz_generators::nonce::Nonce;
    ///
    /// let words: Vec<Nonce> = Nonce::all_in(b"a ev0123456789, eva evabcdefgh!").collect();
    /// assert_eq!(words.iter().map(Nonce::as_str).collect::<Vec<_>>(), ["ev01234567", "evabcdefgh"]);
    /// ```
    pub fn all_in(text: &[u8]) -> impl Iterator<Item = Nonce> {
        Nonce::all_at(text).map(|(_, nonce)| nonce)
    }

    /// The same, each with where it begins.
    pub fn all_at(text: &[u8]) -> impl Iterator<Item = (usize, Nonce)> {
        let words = memchr::memmem::find_iter(text, b"ev");
        words.filter_map(|at| {
            let word = text.get(at..at + Nonce::LEN)?;
            Some((at, Nonce::parse(str::from_utf8(word).ok()?)?))
        })
    }

    /// The text of the nonce.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Nonce {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Nonce::parse(&text).ok_or_else(|| format!("{text:?} is not a nonce"))
    }
}

impl From<Nonce> for String {
    fn from(nonce: Nonce) -> String {
        nonce.0
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An endless, repeatable supply of nonces, all different.
#[derive(Clone, Debug)]
pub struct NonceSource {
    key: u64,
    next: u64,
}

/// 36^8: how many nonces there are.
const SPACE: u64 = 2_821_109_907_456;

impl NonceSource {
    /// The supply that belongs to `rng_seed`.
    ///
    /// Shards of one run pass their index and the number of shards, and so never share a nonce.
    pub fn new(rng_seed: u64) -> NonceSource {
        NonceSource { key: rng_seed, next: 0 }
    }

    /// Takes the next nonce.
    pub fn take(&mut self) -> Nonce {
        let mut value = self.permuted();
        let mut digits = [0u8; 8];
        for digit in &mut digits {
            *digit = ALPHABET[(value % 36) as usize];
            value /= 36;
        }
        let digits = std::str::from_utf8(&digits).expect("the alphabet is ASCII");
        Nonce(format!("ev{digits}"))
    }

    /// The next counter under a keyed bijection of `0..SPACE`, so that no two nonces are equal.
    ///
    /// A multiplication by a number coprime to SPACE (= 2^16 * 3^16) and an offset from the key.
    fn permuted(&mut self) -> u64 {
        const MULTIPLIER: u128 = 1_376_312_589_577;
        let counter =
            u128::from(self.next) + u128::from(self.key.wrapping_mul(0x9E37_79B9_7F4A_7C15) % SPACE);
        self.next += 1;
        u64::try_from(counter * MULTIPLIER % u128::from(SPACE)).expect("below SPACE")
    }
}

#[cfg(test)]
mod tests;
