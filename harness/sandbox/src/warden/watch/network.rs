//! Addresses that a process reaches for, and questions to name servers.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6},
    os::fd::RawFd,
};

use super::{Observer, SyscallStop, dns, make_room, memory::Memory};
use crate::{
    event::{Address, BindRecord, ConnectRecord, Contact, DnsRecord, ProcessEvent},
    procfs,
    warden::Warden,
};

/// RFC 1035, section 4.2.
const DNS_PORT: u16 = 53;
/// `sizeof(struct sockaddr_storage)`.
const MAX_ADDRESS: usize = 128;
/// Messages of one `sendmmsg` that are looked at. The C library sends two.
const MAX_MESSAGES: u64 = 8;
/// Pieces of one message that are looked at.
const MAX_PIECES: u64 = 8;
/// struct msghdr and struct mmsghdr of linux/socket.h on 64-bit machines.
const MSGHDR: usize = 56;
const MMSGHDR: u64 = 64;

/// What one call is about.
#[derive(Debug, Default)]
pub(in crate::warden) struct Seen {
    /// What the socket is connected to from now on.
    peer: Option<((u32, RawFd), Option<SocketAddr>)>,
    events: Vec<ProcessEvent>,
}

impl Observer {
    pub(super) fn look_at_network(&self, stop: &SyscallStop) -> Seen {
        let pid = procfs::process_of(stop.tid).unwrap_or(stop.tid);
        let mut memory = Memory::of(stop.tid);
        let [fd, second, third, _, fifth, sixth] = stop.args;
        let fd = fd as RawFd;
        let mut seen = Seen::default();
        match stop.nr {
            libc::SYS_connect => {
                let Some(address) = address(&mut memory, second, third) else {
                    return seen;
                };
                let server = if let Address::Inet(it) = address { Some(it) } else { None };
                seen.peer = Some(((pid, fd), server.filter(|it| it.port() == DNS_PORT)));
                // connect(2): AF_UNSPEC takes the connection off.
                if !self.is_service(&address) && address != Address::Other(libc::AF_UNSPEC as u16) {
                    seen.connect(pid, address, Contact::Connect);
                }
            }
            libc::SYS_bind => {
                if let Some(address) = address(&mut memory, second, third) {
                    seen.events.push(ProcessEvent::Bind(BindRecord { pid, address, dropped: 0 }));
                }
            }
            libc::SYS_sendto => {
                let to = address(&mut memory, fifth, sixth);
                let text = |memory: &Memory| memory.block(second, (third as usize).min(dns::MAX_MESSAGE));
                self.message(&mut seen, pid, fd, to, || text(&memory));
            }
            libc::SYS_sendmsg => self.header(&mut seen, pid, fd, &mut memory, second),
            _ => {
                for at in 0..(third & 0xffff_ffff).min(MAX_MESSAGES) {
                    self.header(&mut seen, pid, fd, &mut memory, second.wrapping_add(at * MMSGHDR));
                }
            }
        }
        seen
    }

    /// One `struct msghdr`: name, its length, pieces, their number.
    fn header(&self, seen: &mut Seen, pid: u32, fd: RawFd, memory: &mut Memory, at: u64) {
        let Some(header) = memory.exact::<MSGHDR>(at) else {
            return;
        };
        let word = |index: usize| header[8 * index..].first_chunk().map_or(0, |it| u64::from_ne_bytes(*it));
        let (name, pieces, count) = (word(0), word(2), word(3));
        let to = if name == 0 { None } else { address(memory, name, word(1)) };
        let text = |memory: &Memory| {
            let mut text = Vec::new();
            for index in 0..count.min(MAX_PIECES) {
                let Some(piece) = memory.exact::<16>(pieces.wrapping_add(16 * index)) else {
                    break;
                };
                let [base, len] = [&piece[..8], &piece[8..]]
                    .map(|it| it.first_chunk().map_or(0, |it| u64::from_ne_bytes(*it)));
                let room = dns::MAX_MESSAGE - text.len();
                text.extend(memory.block(base, usize::try_from(len).unwrap_or(room).min(room)));
            }
            text
        };
        self.message(seen, pid, fd, to, || text(memory));
    }

    /// A message to `to`, or to where the socket is connected.
    fn message(
        &self,
        seen: &mut Seen,
        pid: u32,
        fd: RawFd,
        to: Option<Address>,
        text: impl FnOnce() -> Vec<u8>,
    ) {
        let server = match &to {
            Some(Address::Inet(it)) => Some(*it).filter(|it| it.port() == DNS_PORT),
            Some(_) => None,
            None => self.name_servers.get(&(pid, fd)).copied(),
        };
        if let Some(to) = to {
            seen.connect(pid, to, Contact::Message);
        }
        if let Some(server) = server
            && let Some(it) = dns::question(&text())
        {
            let (name, record_type) = (it.name, it.record_type);
            seen.events.push(ProcessEvent::DnsQuery(DnsRecord {
                pid,
                name,
                record_type,
                server,
                dropped: 0,
            }));
        }
    }

    fn is_service(&self, address: &Address) -> bool {
        let service = SocketAddr::from((Ipv4Addr::LOCALHOST, self.service));
        self.service != 0 && *address == Address::Inet(service)
    }
}

impl Seen {
    fn connect(&mut self, pid: u32, address: Address, contact: Contact) {
        self.events.push(ProcessEvent::Connect(ConnectRecord { pid, address, contact, dropped: 0 }));
    }
}

impl Warden {
    pub(super) fn settle_network(&mut self, seen: Seen) {
        if let Some((socket, server)) = seen.peer {
            let known = &mut self.observer.name_servers;
            // The descriptor may have been another socket before.
            known.remove(&socket);
            if let Some(server) = server {
                make_room(known, |(pid, _)| *pid);
                known.insert(socket, server);
            }
        }
        for event in seen.events {
            self.report_ordinary(event);
        }
    }
}

/// The `struct sockaddr` at `at`. `None` if it cannot be read.
fn address(memory: &mut Memory, at: u64, len: u64) -> Option<Address> {
    // The kernel takes the length as an int.
    let len = usize::try_from(len as i32).ok()?.min(MAX_ADDRESS);
    let bytes = memory.block(at, len);
    (bytes.len() == len).then(|| parse(&bytes))?
}

fn parse(bytes: &[u8]) -> Option<Address> {
    let (family, rest) = bytes.split_first_chunk().map(|(it, rest)| (u16::from_ne_bytes(*it), rest))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let known = match i32::from(family) {
        libc::AF_INET => inet(rest),
        libc::AF_INET6 => inet6(rest),
        // unix(7): pathname, unnamed (bound to a name that the kernel chooses) or abstract.
        libc::AF_UNIX => Some(match rest.split_first() {
            None => Address::Abstract(String::new()),
            Some((0, name)) => Address::Abstract(text(name)),
            Some(_) => Address::Unix(text(rest.split(|it| *it == 0).next().unwrap_or(rest))),
        }),
        _ => None,
    };
    Some(known.unwrap_or(Address::Other(family)))
}

/// ip(7): port, address.
fn inet(rest: &[u8]) -> Option<Address> {
    let (port, rest) = rest.split_first_chunk()?;
    let address = Ipv4Addr::from(*rest.first_chunk::<4>()?);
    Some(Address::Inet((address, u16::from_be_bytes(*port)).into()))
}

/// ipv6(7): port, flow, address, scope.
fn inet6(rest: &[u8]) -> Option<Address> {
    let (port, rest) = rest.split_first_chunk()?;
    let (flow, rest) = rest.split_first_chunk()?;
    let (address, rest) = rest.split_first_chunk::<16>()?;
    let scope = rest.first_chunk().map_or(0, |it| u32::from_ne_bytes(*it));
    let (port, flow) = (u16::from_be_bytes(*port), u32::from_be_bytes(*flow));
    Some(Address::Inet(match Ipv6Addr::from(*address).to_canonical() {
        IpAddr::V4(address) => (address, port).into(),
        IpAddr::V6(address) => SocketAddrV6::new(address, port, flow, scope).into(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_each_family_are_read() {
        let bytes = |family: i32, rest: &[u8]| [&(family as u16).to_ne_bytes(), rest].concat();
        let check = |family, rest: &[u8], expected: Address| {
            assert_eq!(parse(&bytes(family, rest)), Some(expected));
        };
        let at = |text: &str| Address::Inet(text.parse().unwrap());
        check(libc::AF_INET, &[0, 80, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], at("10.0.0.1:80"));
        let mut six = vec![1, 187, 0, 0, 0, 0];
        six.extend(Ipv6Addr::LOCALHOST.octets());
        six.extend([0; 4]);
        check(libc::AF_INET6, &six, at("[::1]:443"));
        six[6..22].copy_from_slice(&Ipv4Addr::LOCALHOST.to_ipv6_mapped().octets());
        check(libc::AF_INET6, &six, at("127.0.0.1:443"));
        check(libc::AF_UNIX, b"/run/x\0rubbish", Address::Unix("/run/x".to_owned()));
        check(libc::AF_UNIX, b"\0name", Address::Abstract("name".to_owned()));
        check(libc::AF_UNIX, b"", Address::Abstract(String::new()));
        check(libc::AF_INET, &[0, 80], Address::Other(libc::AF_INET as u16));
        check(libc::AF_UNSPEC, &[], Address::Other(0));
        assert_eq!(parse(&[1]), None);
    }
}
