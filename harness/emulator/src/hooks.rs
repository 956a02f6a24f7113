//! Hooks in the function's process: where they are, and the records that they send. What a record says is theirs.

use evfuzz_sandbox::{ObserverEnd, Piece};

/// The descriptor to which hooks send. libuv closes the first sixteen in children whatever is open between them
/// (`uv_disable_stdio_inheritance`), which Node calls when it starts; from JavaScript nobody can ask for that.
const NUMBER: i32 = 15;

/// Says `NUMBER:INODE` of it.
const VARIABLE: &str = "EVFUZZ_OBSERVER";

/// Hooks for a function's process. Its environment says how they are loaded.
#[derive(Clone, Debug)]
pub struct Hooks {
    /// The folder with their files.
    pub files: Piece,
}

impl Hooks {
    pub(crate) fn end() -> ObserverEnd {
        ObserverEnd { number: NUMBER, variable: VARIABLE.to_owned() }
    }
}

/// What hooks have told between two looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HookRecords {
    /// One message each, in the order in which they came.
    pub records: Vec<Vec<u8>>,
    /// Records that there was no room for here.
    pub lost: u64,
    bytes: usize,
}

impl HookRecords {
    /// Records kept between two looks, and bytes of all of them.
    pub const MOST: usize = 512;
    const MOST_BYTES: usize = 4 << 20;

    pub(crate) fn push(&mut self, record: Vec<u8>) {
        if self.records.len() >= Self::MOST || self.bytes + record.len() > Self::MOST_BYTES {
            self.lost += 1;
            return;
        }
        self.bytes += record.len();
        self.records.push(record);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_counted_and_not_kept() {
        let mut told = HookRecords::default();
        for _ in 0..HookRecords::MOST + 3 {
            told.push(vec![b'a'; 10]);
        }
        assert_eq!((told.records.len(), told.lost), (HookRecords::MOST, 3));
        let mut told = HookRecords::default();
        for _ in 0..9 {
            told.push(vec![b'a'; 1 << 19]);
        }
        assert_eq!((told.records.len(), told.lost), (8, 1));
        // A smaller one would still have no room.
        told.push(vec![b'a']);
        assert_eq!(told.lost, 2);
    }
}
