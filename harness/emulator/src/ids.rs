//! Identifiers in the form of AWS (UUID version 4), repeatable: two numbers make one. Pure.

/// The UUID with these two numbers in it. Different numbers below 2^62 and 2^60 give different ones.
pub(crate) fn uuid(high: u64, low: u64) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |number: u64, place: u32| char::from(DIGITS[(number >> (place * 4) & 0xf) as usize]);
    // Written out: formatting would take longer than all that is done with it.
    let mut text = String::with_capacity(36);
    let mut digits =
        (0..15).rev().map(|place| digit(high, place)).chain((0..15).rev().map(|place| digit(low, place)));
    for at in 0..36 {
        text.push(match at {
            8 | 13 | 18 | 23 => '-',
            14 => '4',
            // RFC 9562: the variant.
            19 => '8',
            _ => digits.next().unwrap_or('0'),
        });
    }
    text
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
