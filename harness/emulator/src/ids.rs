//! Identifiers in the form of AWS (UUID version 4), repeatable: two numbers make one. Pure.

/// The UUID with these two numbers in it. Different numbers below 2^62 and 2^60 give different ones.
pub(crate) fn uuid(high: u64, low: u64) -> String {
    // RFC 9562: version and variant have places of their own.
    let mut text = *b"--------------4----8----------------";
    // Written out: formatting would take longer than all that is done with it.
    let mut rest = low;
    for at in [35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 22, 21, 20] {
        text[at] = digit(rest);
        rest >>= 4;
    }
    rest = high;
    for at in [17, 16, 15, 12, 11, 10, 9, 7, 6, 5, 4, 3, 2, 1, 0] {
        text[at] = digit(rest);
        rest >>= 4;
    }
    str::from_utf8(&text).expect("digits and hyphens").to_owned()
}

fn digit(number: u64) -> u8 {
    b"0123456789abcdef"[(number & 0xf) as usize]
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
