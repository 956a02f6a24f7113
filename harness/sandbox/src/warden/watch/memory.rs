//! Reading from the memory of a process that waits in a system call.
//!
//! The process has other threads, so what is read may change right afterwards: it is evidence and never a decision.

use crate::event::Fidelity;

/// Caps of a record: enough for any real command, little enough for one message.
const MAX_ARGS: usize = 64;
const MAX_STRING: usize = 4 * 1024;
const MAX_TOTAL: usize = 32 * 1024;
/// Longest name of an environment variable that is reported.
const MAX_NAME: usize = 256;
/// Reads stay within a page, so that a string at the end of a mapping is still read. Larger pages only mean more reads.
const PAGE: u64 = 4096;

/// Reads from thread `tid`.
pub(super) struct Memory {
    tid: u32,
    pub(super) fidelity: Fidelity,
}

impl Memory {
    pub(super) fn of(tid: u32) -> Memory {
        Memory { tid, fidelity: Fidelity::Exact }
    }

    /// The string at `address`.
    pub(super) fn string(&mut self, address: u64) -> String {
        let bytes = self.bytes(address);
        self.text(&bytes)
    }

    /// The bytes of the string at `address`, without the zero at its end.
    pub(super) fn bytes(&mut self, address: u64) -> Vec<u8> {
        let (bytes, end) = self.until(address, MAX_STRING, |it| it == 0);
        match end {
            End::Found => {}
            End::Unread => self.lower(Fidelity::Unread),
            End::Cap => self.lower(Fidelity::Truncated),
        }
        bytes
    }

    /// The strings of the null-terminated list at `address`.
    pub(super) fn strings(&mut self, address: u64) -> Vec<String> {
        let mut list = Vec::new();
        let mut total = 0;
        for pointer in self.pointers(address) {
            if total >= MAX_TOTAL {
                self.lower(Fidelity::Truncated);
                break;
            }
            let text = self.string(pointer);
            total += text.len();
            list.push(text);
        }
        list
    }

    /// The names in the environment at `address`. Values are not even read beyond the block that the name is in.
    pub(super) fn names(&mut self, address: u64) -> Vec<String> {
        let pointers = self.pointers(address);
        pointers
            .into_iter()
            .map(|pointer| {
                let (name, end) = self.until(pointer, MAX_NAME, |it| it == b'=' || it == 0);
                match end {
                    End::Found => {}
                    End::Unread => self.lower(Fidelity::Unread),
                    End::Cap => self.lower(Fidelity::Truncated),
                }
                self.text(&name)
            })
            .collect()
    }

    /// Up to `len` bytes at `address`, fewer where the mapping ends.
    pub(super) fn block(&self, address: u64, len: usize) -> Vec<u8> {
        let mut block = Vec::new();
        while block.len() < len {
            let at = address.wrapping_add(block.len() as u64);
            let part = ((PAGE - at % PAGE) as usize).min(len - block.len());
            let mut chunk = vec![0; part];
            if !self.read(at, &mut chunk) {
                break;
            }
            block.append(&mut chunk);
        }
        block
    }

    /// Exactly `N` bytes at `address`.
    pub(super) fn exact<const N: usize>(&self, address: u64) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        self.read(address, &mut bytes).then_some(bytes)
    }

    /// Bytes as text.
    pub(super) fn text(&mut self, bytes: &[u8]) -> String {
        match str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => {
                self.lower(Fidelity::Replaced);
                String::from_utf8_lossy(bytes).into_owned()
            }
        }
    }

    /// The pointers of the null-terminated list at `address`.
    fn pointers(&mut self, address: u64) -> Vec<u64> {
        let mut list = Vec::new();
        // execve(2): on Linux a null list means an empty one.
        if address == 0 {
            return list;
        }
        // One more than may be kept, to know whether the list goes on.
        while list.len() <= MAX_ARGS {
            let at = address.wrapping_add(8 * list.len() as u64);
            let in_page = ((PAGE - at % PAGE) / 8).max(1) as usize;
            let block = self.block(at, 8 * in_page.min(MAX_ARGS + 1 - list.len()));
            let (words, _) = block.as_chunks::<8>();
            if words.is_empty() {
                self.lower(Fidelity::Unread);
                return list;
            }
            for word in words {
                match u64::from_ne_bytes(*word) {
                    0 => return list,
                    pointer if list.len() < MAX_ARGS => list.push(pointer),
                    _ => {
                        self.lower(Fidelity::Truncated);
                        return list;
                    }
                }
            }
        }
        list
    }

    /// What lies before the first byte that `is_end`.
    fn until(&self, address: u64, cap: usize, is_end: impl Fn(u8) -> bool) -> (Vec<u8>, End) {
        let mut bytes = Vec::new();
        let mut chunk = [0; PAGE as usize];
        while bytes.len() < cap {
            let at = address.wrapping_add(bytes.len() as u64);
            let len = ((PAGE - at % PAGE) as usize).min(cap - bytes.len());
            if !self.read(at, &mut chunk[..len]) {
                return (bytes, End::Unread);
            }
            match chunk[..len].iter().position(|it| is_end(*it)) {
                Some(end) => {
                    bytes.extend(&chunk[..end]);
                    return (bytes, End::Found);
                }
                None => bytes.extend(&chunk[..len]),
            }
        }
        (bytes, End::Cap)
    }

    fn lower(&mut self, to: Fidelity) {
        let rank = |it: Fidelity| match it {
            Fidelity::Exact => 0,
            Fidelity::Replaced => 1,
            Fidelity::Truncated => 2,
            Fidelity::Unread => 3,
        };
        if rank(to) > rank(self.fidelity) {
            self.fidelity = to;
        }
    }

    fn read(&self, address: u64, into: &mut [u8]) -> bool {
        let local = libc::iovec { iov_base: into.as_mut_ptr().cast(), iov_len: into.len() };
        let remote = libc::iovec { iov_base: address as *mut libc::c_void, iov_len: into.len() };
        // SAFETY: `local` describes `into`, which the kernel may fill. `remote` is looked up in the other process only.
        let got =
            unsafe { libc::process_vm_readv(self.tid as i32, &raw const local, 1, &raw const remote, 1, 0) };
        usize::try_from(got) == Ok(into.len())
    }
}

/// Why [`Memory::until`] stopped.
enum End {
    Found,
    Unread,
    Cap,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_before_their_values() {
        let (first, second) = (c"TOKEN=secret", c"EMPTY");
        let list = [first.as_ptr(), second.as_ptr(), std::ptr::null()];
        let mut memory = Memory::of(std::process::id());
        assert_eq!(memory.names(list.as_ptr() as u64), ["TOKEN", "EMPTY"]);
        assert_eq!(memory.fidelity, Fidelity::Exact);
    }

    #[test]
    fn long_lists_are_cut_and_bad_ones_are_unread() {
        let word = c"x";
        let mut list = vec![word.as_ptr(); MAX_ARGS];
        list.push(std::ptr::null());
        let mut memory = Memory::of(std::process::id());
        assert_eq!(memory.strings(list.as_ptr() as u64).len(), MAX_ARGS);
        assert_eq!(memory.fidelity, Fidelity::Exact);
        list.insert(0, word.as_ptr());
        assert_eq!(memory.strings(list.as_ptr() as u64).len(), MAX_ARGS);
        assert_eq!(memory.fidelity, Fidelity::Truncated);
        assert!(memory.strings(8).is_empty());
        assert_eq!(memory.fidelity, Fidelity::Unread);
    }
}
