//! Network: other ports, other addresses, other workers, sockets of the host, and what the host could reach.

use crate::{
    evidence::Proof,
    table::{Program, Special},
};

pub(super) const PROGRAMS: &[Program] = &[
    Program::new("connect_tcp4.js", Proof::Bait),
    Program::new("connect_shell.sh", Proof::Bait),
    Program::new("connect_tcp6.py", Proof::Bait),
    Program::new("connect_other_loopback.py", Proof::Bait),
    Program::new("send_udp.py", Proof::Bait),
    Program::new("connect_unix.py", Proof::Bait),
    Program::new("connect_abstract.py", Proof::Bait),
    Program::new("socketpair_datagram.py", Proof::Bait),
    Program::new("fast_open.c", Proof::Bait),
    Program::new("multipath_tcp.py", Proof::Bait),
    Program::new("odd_protocols.c", Proof::Bait),
    Program::new("odd_families.c", Proof::Socket),
    Program::new("netlink.py", Proof::Bait),
    Program::new("raw_socket.py", Proof::Bait),
    Program::new("packet_socket.py", Proof::Watching),
    Program::new("vsock.py", Proof::Word).with(&[Special::ControlMayLack]),
    Program::new("sibling_port.js", Proof::Bait),
    Program::new("sibling_port.py", Proof::Bait),
    Program::new("bind_port.py", Proof::Port),
    Program::new("bind_udp.py", Proof::Port),
    Program::new("bind_abstract.py", Proof::AbstractName),
    Program::new("connect_race.c", Proof::Bait),
    Program::new("reconnect.c", Proof::Bait),
];
