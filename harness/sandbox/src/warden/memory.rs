//! Reading strings from the memory of a process that waits in `execve`.

use crate::event::Fidelity;

/// Caps of a record: enough for any real command, little enough for one message.
const MAX_ARGS: usize = 64;
const MAX_STRING: usize = 4 * 1024;
const MAX_TOTAL: usize = 32 * 1024;
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
        let mut bytes = Vec::new();
        let mut chunk = [0; PAGE as usize];
        while bytes.len() < MAX_STRING {
            let at = address + bytes.len() as u64;
            let len = (PAGE - at % PAGE) as usize;
            let len = len.min(MAX_STRING - bytes.len());
            if !self.read(at, &mut chunk[..len]) {
                self.lower(Fidelity::Unread);
                return self.text(&bytes);
            }
            match chunk[..len].iter().position(|it| *it == 0) {
                Some(end) => {
                    bytes.extend(&chunk[..end]);
                    return self.text(&bytes);
                }
                None => bytes.extend(&chunk[..len]),
            }
        }
        self.lower(Fidelity::Truncated);
        self.text(&bytes)
    }

    /// The strings of the null-terminated list at `address`.
    pub(super) fn strings(&mut self, address: u64) -> Vec<String> {
        let mut list = Vec::new();
        let mut total = 0;
        // execve(2): on Linux a null list means an empty one.
        if address == 0 {
            return list;
        }
        loop {
            let mut pointer = [0; 8];
            if !self.read(address + 8 * list.len() as u64, &mut pointer) {
                self.lower(Fidelity::Unread);
                break;
            }
            let pointer = u64::from_ne_bytes(pointer);
            if pointer == 0 {
                break;
            }
            if list.len() == MAX_ARGS || total >= MAX_TOTAL {
                self.lower(Fidelity::Truncated);
                break;
            }
            let text = self.string(pointer);
            total += text.len();
            list.push(text);
        }
        list
    }

    fn text(&mut self, bytes: &[u8]) -> String {
        match str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => {
                self.lower(Fidelity::Replaced);
                String::from_utf8_lossy(bytes).into_owned()
            }
        }
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
