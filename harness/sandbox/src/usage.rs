//! What processes use, measured from outside: memory, CPU time, tasks, disk. For where no control group counts.
//!
//! Processes vanish between two reads, so a process that cannot be read counts nothing.
//! Memory that several processes share is the difficulty:
//! [`resident`] is cheap and counts it once for each, so it is never too low; [`resident_exact`] divides it.

use std::{fs, io, time::Duration};

mod disk;
mod nameless;
#[cfg(test)]
mod tests;

pub(crate) use disk::{Disk, disk_usage};

/// Memory that only these processes account for, in bytes: anonymous pages, shared memory, files without a name.
///
/// File pages are left out, since the kernel takes them back when memory is short.
/// For polling: an upper bound that costs one small file for each process.
/// Ask [`resident_exact`] before anyone is punished: forked processes still share what they have not written to.
pub(crate) fn resident(pids: &[u32]) -> u64 {
    pids.iter().filter_map(|it| resident_of(*it)).sum::<u64>() + nameless::bytes(pids)
}

/// The same with shared pages divided among those that map them (Pss).
///
/// The kernel walks all page tables for it, so it is much slower for big processes,
/// and needs the right to trace the process; without that the process counts as in [`resident`].
/// Processes that share their whole memory (`vfork`, `CLONE_VM`) still count once each.
/// What of a file without a name is mapped counts as shared memory too, so the larger of the two is taken.
pub(crate) fn resident_exact(pids: &[u32]) -> u64 {
    let (mut own, mut shared) = (0u64, 0u64);
    for pid in pids {
        match proportional(*pid) {
            Some((anonymous, files)) => {
                own += anonymous;
                shared += files;
            }
            None => own += resident_of(*pid).unwrap_or(0),
        }
    }
    own + shared.max(nameless::bytes(pids))
}

/// proc_pid_status(5): RssAnon, RssShmem (Linux 4.5).
fn resident_of(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    Some(kilobytes(&status, "RssAnon:")? + kilobytes(&status, "RssShmem:")?)
}

/// Documentation/ABI/testing/procfs-smaps_rollup: Pss_Anon, Pss_Shmem.
fn proportional(pid: u32) -> Option<(u64, u64)> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    Some((kilobytes(&rollup, "Pss_Anon:")?, kilobytes(&rollup, "Pss_Shmem:")?))
}

/// CPU time of these processes, of all their threads, and of the children that they have waited for.
///
/// Orphans are waited for by the init or subreaper, so with that among `pids` nothing that ended is lost.
/// In clock ticks of 10 ms: `schedstat` is finer, but forgets threads that have ended.
pub(crate) fn cpu(pids: &[u32]) -> Duration {
    let ticks: u64 = pids.iter().filter_map(|it| ticks(*it)).sum();
    let per_second = rustix::param::clock_ticks_per_second().max(1);
    Duration::from_nanos(
        (u128::from(ticks) * 1_000_000_000 / u128::from(per_second)).try_into().unwrap_or(u64::MAX),
    )
}

/// proc_pid_stat(5): fields 14 to 17 are utime, stime, cutime, cstime; 3 is the first after the name.
fn ticks(pid: u32) -> Option<u64> {
    let text = stat(pid)?;
    let mut fields = text.split(' ').skip(14 - 3);
    let mut sum = 0u64;
    for _ in 14..=17 {
        // Times of children are signed in the kernel's output.
        sum += fields.next()?.parse::<i64>().ok()?.unsigned_abs();
    }
    Some(sum)
}

/// Processes and threads.
pub(crate) fn tasks(pids: &[u32]) -> u64 {
    // proc_pid_stat(5): field 20 is num_threads; 3 is the first after the name.
    let threads = |pid: &u32| stat(*pid)?.split(' ').nth(20 - 3)?.parse::<u64>().ok();
    pids.iter().filter_map(threads).sum()
}

/// `/proc/<pid>/stat` from the state on: the name before it may hold blanks and parentheses.
fn stat(pid: u32) -> Option<String> {
    let text = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let end = text.iter().rposition(|it| *it == b')')?;
    String::from_utf8(text.get(end + 2..)?.to_vec()).ok()
}

/// The most memory that one process has had at once, in bytes, file pages included (proc_pid_status(5): VmHWM).
pub(crate) fn peak_resident(pid: u32) -> Option<u64> {
    kilobytes(&fs::read_to_string(format!("/proc/{pid}/status")).ok()?, "VmHWM:")
}

/// Begins a new measurement of [`peak_resident`], from what the process has now.
pub(crate) fn reset_peak(pid: u32) -> io::Result<()> {
    // proc_pid_clear_refs(5): 5 resets the peak (Linux 4.0). The others would clear page flags, at a cost.
    fs::write(format!("/proc/{pid}/clear_refs"), "5")
}

/// The value of a "Name:  123 kB" line in bytes.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|it| it.strip_prefix(name))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}
