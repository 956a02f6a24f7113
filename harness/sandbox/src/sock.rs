//! Packet sockets that carry descriptors.

use std::{
    io,
    mem::MaybeUninit,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair, sockopt,
};

use crate::wire::MAX_MESSAGE;

/// Whether a call may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    Yes,
    No,
}

/// A flag of `sendmsg` that no socket looks at (linux/socket.h, `MSG_PROXY`, "supply or ask second address").
///
/// The child of the warden still sends when its filter is on and its listener has no reader yet; the filter lets calls with
/// this flag pass. A function that sets it hides a message from observation and gets past no barrier.
pub(crate) const PAST_THE_WATCH: u32 = 0x10;

/// Descriptors that one message may carry. unix(7): the kernel takes 253.
pub(crate) const MAX_FDS: usize = 32;

/// A connected pair of packet sockets, closed on exec.
pub(crate) fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let (a, b) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
    for end in [&a, &b] {
        // The kernel clips this to net.core.wmem_max. A record that is still too long is cut by the warden.
        let _ = sockopt::set_socket_send_buffer_size(end, MAX_MESSAGE);
    }
    Ok((a, b))
}

/// Sends one message.
pub(crate) fn send(fd: impl AsFd, bytes: &[u8], fds: &[BorrowedFd<'_>], wait: Wait) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_FDS))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !fds.is_empty() {
        control.push(SendAncillaryMessage::ScmRights(fds));
    }
    let mut flags = SendFlags::NOSIGNAL | SendFlags::from_bits_retain(PAST_THE_WATCH);
    if wait == Wait::No {
        flags |= SendFlags::DONTWAIT;
    }
    loop {
        match sendmsg(&fd, &[io::IoSlice::new(bytes)], &mut control, flags) {
            Err(rustix::io::Errno::INTR) => {}
            result => return Ok(result.map(drop)?),
        }
    }
}

/// Receives one message into `buf`. `Ok(None)`: the other end is closed.
pub(crate) fn recv(fd: impl AsFd, buf: &mut [u8], wait: Wait) -> io::Result<Option<(usize, Vec<OwnedFd>)>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_FDS))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut flags = RecvFlags::CMSG_CLOEXEC;
    if wait == Wait::No {
        flags |= RecvFlags::DONTWAIT;
    }
    let len = loop {
        match recvmsg(&fd, &mut [io::IoSliceMut::new(buf)], &mut control, flags) {
            Err(rustix::io::Errno::INTR) => {}
            result => break result?.bytes,
        }
    };
    let mut fds = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(received) = message {
            fds.extend(received);
        }
    }
    // We never send an empty message, so nothing means the end.
    Ok((len > 0).then_some((len, fds)))
}
