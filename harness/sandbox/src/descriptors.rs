//! The descriptors that travel with an order from the caller over the keeper to the warden.
//!
//! Some are optional, so a letter for each says what it is.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

use crate::sock::{self, Wait};

const ORDER: u8 = b'O';
const EVENTS: u8 = b'E';
const LOG: u8 = b'L';
const TERMINAL: u8 = b'T';
const RECORDS: u8 = b'R';
const OBSERVER: u8 = b'H';
const TMP: u8 = b'M';

/// No message to the keeper is longer.
pub(crate) const MOST: usize = 16;

/// All that travels.
#[derive(Debug)]
pub(crate) struct Handed {
    /// The memory with the [`Order`](crate::wire::Order).
    pub(crate) order: OwnedFd,
    /// The warden's end of the socket to the caller.
    pub(crate) events: OwnedFd,
    pub(crate) function: ForFunction,
}

/// What is meant for the function. Whoever holds the end of a pipe keeps it open, and whoever holds a file system keeps that,
/// so the warden lets go of these.
#[derive(Debug)]
pub(crate) struct ForFunction {
    /// The write end of its output.
    pub(crate) log: OwnedFd,
    /// Instead of it, and for input too.
    pub(crate) terminal: Option<OwnedFd>,
    /// The write end of its records.
    pub(crate) records: Option<OwnedFd>,
    /// Its end of the socket for hooks.
    pub(crate) observer: Option<OwnedFd>,
    /// The file system that becomes its `/tmp`.
    pub(crate) tmp: Option<OwnedFd>,
}

impl Handed {
    /// Every descriptor with its letter.
    pub(crate) fn all(&self) -> Vec<(u8, BorrowedFd<'_>)> {
        let function = &self.function;
        let mut all =
            vec![(ORDER, self.order.as_fd()), (EVENTS, self.events.as_fd()), (LOG, function.log.as_fd())];
        let optional = [
            (TERMINAL, &function.terminal),
            (RECORDS, &function.records),
            (OBSERVER, &function.observer),
            (TMP, &function.tmp),
        ];
        for (letter, fd) in optional {
            all.extend(fd.as_ref().map(|it| (letter, it.as_fd())));
        }
        all
    }

    /// Sends them to the keeper.
    pub(crate) fn send(&self, control: &OwnedFd) -> io::Result<()> {
        let (letters, fds): (Vec<u8>, Vec<BorrowedFd<'_>>) = self.all().into_iter().unzip();
        sock::send(control, &letters, &fds, Wait::Yes)
    }

    /// What a message to the keeper brought. `None`: it was no order.
    pub(crate) fn received(letters: &[u8], fds: Vec<OwnedFd>) -> Option<Handed> {
        let mut left: Vec<(u8, OwnedFd)> = letters.iter().copied().zip(fds).collect();
        let mut take = |letter: u8| {
            let at = left.iter().position(|it| it.0 == letter)?;
            Some(left.swap_remove(at).1)
        };
        let (order, events, log) = (take(ORDER)?, take(EVENTS)?, take(LOG)?);
        let function = ForFunction {
            log,
            terminal: take(TERMINAL),
            records: take(RECORDS),
            observer: take(OBSERVER),
            tmp: take(TMP),
        };
        Some(Handed { order, events, function })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(name: &str) -> OwnedFd {
        rustix::fs::memfd_create(name, rustix::fs::MemfdFlags::CLOEXEC).unwrap()
    }

    /// Which memory a descriptor leads to.
    fn inode(fd: impl AsFd) -> u64 {
        rustix::fs::fstat(fd).unwrap().st_ino
    }

    #[track_caller]
    fn check([terminal, records, observer, tmp]: [bool; 4]) {
        let optional = |wanted: bool, name: &str| wanted.then(|| memory(name));
        let sent = Handed {
            order: memory("order"),
            events: memory("events"),
            function: ForFunction {
                log: memory("log"),
                terminal: optional(terminal, "terminal"),
                records: optional(records, "records"),
                observer: optional(observer, "observer"),
                tmp: optional(tmp, "tmp"),
            },
        };
        let (mine, theirs) = sock::pair().unwrap();
        sent.send(&mine).unwrap();
        let mut letters = [0; MOST];
        let (len, fds) = sock::recv(&theirs, &mut letters, Wait::No).unwrap().unwrap();
        let received = Handed::received(&letters[..len], fds).unwrap();
        let inodes = |it: &Handed| -> Vec<(u8, u64)> {
            it.all().into_iter().map(|(letter, fd)| (letter, inode(fd))).collect()
        };
        assert_eq!(inodes(&sent), inodes(&received));
        assert_eq!(received.function.terminal.is_some(), terminal);
        assert_eq!(received.function.records.is_some(), records);
        assert_eq!(received.function.observer.is_some(), observer);
        assert_eq!(received.function.tmp.is_some(), tmp);
    }

    #[test]
    fn each_arrives_as_what_it_was() {
        for bits in 0..16 {
            check([1, 2, 4, 8].map(|it| bits & it != 0));
        }
    }

    #[test]
    fn a_message_that_lacks_something_is_no_order() {
        assert!(Handed::received(&[ORDER, EVENTS], vec![memory("order"), memory("events")]).is_none());
        assert!(Handed::received(&[0], Vec::new()).is_none());
    }
}
