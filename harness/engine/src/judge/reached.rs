//! Canary files and canary addresses that a function reached for: what the oracles of paths, addresses and entities share.
//!
//! The sandbox saw the system call, in whatever language the function is written, of the function or of a program that it
//! started. What was refused counts as well: the canary folder is read-only, and nobody listens at a canary address.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Component, Path};

use evfuzz_generators::case::Planted;
use evfuzz_generators::payload::{Canaries, Effect};
use evfuzz_sandbox::{Address, ConnectRecord, Intent, OpenRecord};

use super::{Sighting, place_of, sighting_at};
use crate::finding::{Evidence, OracleId};
use crate::observe::Observation;

/// What was done with a file. The worst comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Access {
    /// Its content, or the list of a folder.
    Read,
    /// Made or changed.
    Write,
    /// Its name is taken away, to another place or to none.
    Delete,
}

impl Access {
    /// As in "a file elsewhere is ...".
    pub(super) fn done(self) -> &'static str {
        match self {
            Access::Read => "read",
            Access::Write => "written",
            Access::Delete => "deleted",
        }
    }
}

/// AWS "Instance metadata": the address of the service, which ECS and Lambda do not have, but whose other names do.
const METADATA: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254));

/// What was done with the canary file of this payload: the worst, with its record.
pub(super) fn canary_file<'o>(
    planted: &Planted,
    observation: &'o Observation,
) -> Option<(Access, &'o OpenRecord)> {
    let all = observation.opens.iter().filter_map(|open| Some((access(planted, open)?, open)));
    // Of several the first.
    all.reduce(|worst, it| if it.0 > worst.0 { it } else { worst })
}

fn access(planted: &Planted, open: &OpenRecord) -> Option<Access> {
    let nonce = planted.nonce.as_str();
    let is_ours = |path: &Option<std::path::PathBuf>| path.as_ref().is_some_and(|it| is_below(it, nonce));
    if let Intent::Rename { to } = &open.intent
        && is_ours(to)
    {
        return Some(Access::Write);
    }
    if !is_ours(&open.resolved) || !leads_there(&open.path) {
        return None;
    }
    match open.intent {
        Intent::Look => None,
        Intent::Read => Some(Access::Read),
        Intent::Write | Intent::ReadWrite | Intent::Create => Some(Access::Write),
        Intent::Delete | Intent::Rename { .. } => Some(Access::Delete),
    }
}

/// Whether this is the canary file, or one whose name a function has made from it: with an extension, in a folder of that name.
fn is_below(path: &Path, nonce: &str) -> bool {
    path.strip_prefix(Canaries::FOLDER).is_ok_and(|rest| rest.to_string_lossy().starts_with(nonce))
}

/// Whether the kernel goes where the path leads by its text. `..` leads out of a folder that exists, and the first folder of a
/// payload (`a/../`), or one whose name has become longer by it (`report-../`), does not. Who normalizes the path first
/// has no `..` in it any more.
fn leads_there(path: &str) -> bool {
    let parts: Vec<Component<'_>> = Path::new(path).components().collect();
    !parts.windows(2).any(|pair| match pair {
        [Component::Normal(name), Component::ParentDir] => {
            let name = name.to_string_lossy();
            name == "a" || name.ends_with("..")
        }
        _ => false,
    })
}

/// The connection to the canary address of this payload.
///
/// Forms of it that leave the address itself open (names, 0.0.0.0, the metadata address) have the port.
pub(super) fn canary_address<'o>(
    planted: &Planted,
    observation: &'o Observation,
) -> Option<(SocketAddr, &'o ConnectRecord)> {
    if planted.payload.effect != Effect::Connects {
        return None;
    }
    let canary = Canaries::default().address(&planted.nonce);
    observation.connects.iter().find_map(|connect| {
        let Address::Inet(address) = connect.address else { return None };
        let ip = address.ip();
        let is_its = ip == IpAddr::V4(*canary.ip())
            || ip == IpAddr::V4(Ipv4Addr::LOCALHOST)
            || ip == IpAddr::V6(std::net::Ipv6Addr::LOCALHOST)
            || ip.is_unspecified()
            || ip == METADATA;
        (is_its && address.port() == canary.port()).then_some((address, connect))
    })
}

/// A sighting for a payload that reached one of its canaries. `what`: what was done with the text.
pub(super) fn sighting(
    planted: &Planted,
    observation: &Observation,
    oracle: OracleId,
    what: &str,
) -> Option<Sighting> {
    let evidence = match canary_file(planted, observation) {
        Some((access, open)) => {
            let resolved = open.resolved.as_deref().unwrap_or(Path::new(&open.path));
            Evidence::new("file", format!("{} is {}", resolved.display(), access.done()))
        }
        None => {
            let (address, _) = canary_address(planted, observation)?;
            Evidence::new("address", format!("{address} is asked"))
        }
    };
    let evidence = vec![Evidence::new("payload", planted.text.clone()), evidence];
    let place = place_of(observation, &planted.nonce);
    Some(Sighting { place, ..sighting_at(planted, oracle, what, evidence) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_that_a_payload_invents_lead_nowhere() {
        let check = |path, expected| assert_eq!(leads_there(path), expected, "{path}");
        check("/tmp/../../run/evfuzz/bin/evaaaaaaaa", true);
        check("/run/evfuzz/bin/evaaaaaaaa", true);
        check("reports/../../../run/evfuzz/bin/evaaaaaaaa", true);
        check("/tmp/a/../../run/evfuzz/bin/evaaaaaaaa", false);
        check("/tmp/report-../../run/evfuzz/bin/evaaaaaaaa", false);
    }

    #[test]
    fn files_of_other_names_are_no_canaries() {
        let check =
            |path: &str, expected| assert_eq!(is_below(Path::new(path), "evaaaaaaaa"), expected, "{path}");
        check("/run/evfuzz/bin/evaaaaaaaa", true);
        check("/run/evfuzz/bin/evaaaaaaaa.json", true);
        check("/run/evfuzz/bin/evaaaaaaaa/index.html", true);
        check("/run/evfuzz/bin/evbbbbbbbb", false);
        // The base name, or a path below a folder of the function's.
        check("/tmp/evaaaaaaaa", false);
        check("/tmp/run/evfuzz/bin/evaaaaaaaa", false);
    }
}
