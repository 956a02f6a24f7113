//! Identifiers in the form of AWS (UUID version 4), repeatable: two numbers make one. Pure.

/// The UUID with these two numbers in it. Different numbers below 2^62 and 2^60 give different ones.
pub(crate) fn uuid(high: u64, low: u64) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    // RFC 9562: version and variant have places of their own.
    const PLACES: [usize; 30] = [
        0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 15, 16, 17, 20, 21, 22, 24, 25, 26, 27, 28, 29, 30, 31, 32,
        33, 34, 35,
    ];
    let mut text = *b"--------------4----8----------------";
    // Written out: formatting would take longer than all that is done with it.
    for (number, at) in PLACES.into_iter().enumerate() {
        let (word, digit) = if number < 15 { (high, number) } else { (low, number - 15) };
        text[at] = DIGITS[(word >> ((14 - digit) * 4) & 0xf) as usize];
    }
    str::from_utf8(&text).expect("digits and hyphens").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_apart() {
        assert_eq!(uuid(0, 0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(uuid(0x123_4567_89ab_cdef, 0xfed_cba9_8765_4321), "12345678-9abc-4def-8fed-cba987654321");
        let all: std::collections::BTreeSet<String> =
            (0..60).flat_map(|bit| [uuid(1 << bit, 0), uuid(0, 1 << bit)]).collect();
        assert_eq!(all.len(), 120);
    }
}
