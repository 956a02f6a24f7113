//! Against real processes and directories.

use std::{
    fs::{self, File},
    io::Write,
    os::{
        fd::AsFd,
        unix::fs::{MetadataExt, PermissionsExt, symlink},
    },
    path::Path,
    time::Duration,
};

use tempfile::TempDir;

use super::{Disk, cpu, disk_usage, peak_resident, reset_peak, resident, resident_exact, tasks};
use crate::test_child::{Waiting, allocate, raw_fork, wait, work};

const MIB: u64 = 1 << 20;
/// Tolerance for stacks, page tables and the like.
const REST: u64 = 6 * MIB;

#[track_caller]
fn check_grown(before: u64, after: u64, expected: u64) {
    let grown = after as i64 - before as i64;
    assert!(grown.abs_diff(expected as i64) < REST, "{grown} is not about {expected}");
}

#[test]
fn memory_of_a_process_counts_what_it_touched() {
    let mut child = Waiting::twice(
        || {},
        || {
            allocate(32 << 20);
        },
    );
    let inherited = resident(&[child.pid]);
    child.go_on();
    check_grown(inherited, resident(&[child.pid]), 32 * MIB);
    // Its share of what it inherited changes with every other test that forks or ends.
    let exact = resident_exact(&[child.pid]);
    assert!((32 * MIB..32 * MIB + inherited + REST).contains(&exact), "{exact} with {inherited}");
    let other = Waiting::after(|| {});
    assert_eq!(tasks(&[child.pid, other.pid]), 2);
    assert_eq!(resident(&[child.pid, other.pid]), resident(&[child.pid]) + resident(&[other.pid]));
}

#[test]
fn files_without_a_name_count_although_nobody_maps_them() {
    let mut child = Waiting::twice(
        || {},
        || {
            let flags = rustix::fs::MemfdFlags::empty();
            let mut file = File::from(rustix::fs::memfd_create("nameless", flags).unwrap());
            file.write_all(&[1; 16 << 20]).unwrap();
            std::mem::forget(file);
        },
    );
    let (bound, exact) = (resident(&[child.pid]), resident_exact(&[child.pid]));
    child.go_on();
    check_grown(bound, resident(&[child.pid]), 16 * MIB);
    let grown = resident_exact(&[child.pid]) as i64 - exact as i64;
    assert!(grown > 12 << 20, "{grown}");
}

#[test]
fn memory_shared_after_a_fork_counts_once_only_when_measured_exactly() {
    let mut parent = Waiting::twice(
        || {
            allocate(32 << 20);
        },
        || {
            if raw_fork() == 0 {
                crate::sys::exit_now(crate::test_child::sleep_until_killed());
            }
        },
    );
    let bound = resident(&[parent.pid]);
    parent.go_on();
    let child = crate::procfs::children(parent.pid)[0];
    let both = [parent.pid, child];
    let (bound_of_both, exact_of_both) = (resident(&both), resident_exact(&both));
    let child = rustix::process::Pid::from_raw(child as i32).unwrap();
    rustix::process::kill_process(child, rustix::process::Signal::KILL).unwrap();
    check_grown(bound, bound_of_both, bound);
    assert!((32 * MIB..bound + REST).contains(&exact_of_both), "{bound} became {exact_of_both}");
}

#[test]
fn the_peak_is_that_since_the_last_reset() {
    let mut child = Waiting::twice(|| release_after(64 << 20), || release_after(24 << 20));
    let peak = peak_resident(child.pid).unwrap();
    assert!(peak > 64 * MIB, "{peak}");
    reset_peak(child.pid).unwrap();
    let base = peak_resident(child.pid).unwrap();
    check_grown(base, peak, 64 * MIB);
    child.go_on();
    check_grown(base, peak_resident(child.pid).unwrap(), 24 * MIB);
}

/// Touches memory and gives it back.
fn release_after(bytes: usize) {
    let access = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_POPULATE;
    // SAFETY: a new mapping that nothing refers to is removed again.
    unsafe {
        let memory = libc::mmap(std::ptr::null_mut(), bytes, access, flags, -1, 0);
        libc::munmap(memory, bytes);
    }
}

#[test]
fn cpu_time_is_of_processes_and_of_children_they_waited_for() {
    let asked = Duration::from_millis(60);
    // The kernel counts in ticks, and cuts off.
    let at_least = asked - Duration::from_millis(20);
    let idle = Waiting::after(|| {});
    let busy = Waiting::after(|| {
        work(asked);
    });
    let parent = Waiting::after(|| {
        let child = raw_fork();
        if child == 0 {
            crate::sys::exit_now(work(asked));
        }
        wait(child as u32);
    });
    assert!(cpu(&[idle.pid]) < at_least, "{:?}", cpu(&[idle.pid]));
    assert!(cpu(&[busy.pid]) >= at_least, "{:?}", cpu(&[busy.pid]));
    assert!(cpu(&[parent.pid]) >= at_least, "{:?}", cpu(&[parent.pid]));
    assert!(cpu(&[idle.pid, busy.pid, parent.pid]) >= 2 * at_least);
}

#[test]
fn a_process_that_is_gone_counts_nothing() {
    let pid = Waiting::after(|| {}).pid;
    assert_eq!((resident(&[pid]), resident_exact(&[pid]), cpu(&[pid])), (0, 0, Duration::ZERO));
    assert_eq!((peak_resident(pid), tasks(&[pid])), (None, 0));
    reset_peak(pid).unwrap_err();
}

fn usage(dir: &Path) -> Disk {
    disk_usage(File::open(dir).unwrap().as_fd(), 1000)
}

fn fill(path: &Path, bytes: usize) {
    let mut file = File::create(path).unwrap();
    file.write_all(&vec![7; bytes]).unwrap();
    // Some file systems give blocks only when they write.
    file.sync_all().unwrap();
}

#[test]
fn disk_space_is_what_is_there_and_not_what_files_claim() {
    let dir = TempDir::new().unwrap();
    assert_eq!(usage(dir.path()), Disk { bytes: 0, entries: 0, truncated: false });
    fs::create_dir(dir.path().join("below")).unwrap();
    fill(&dir.path().join("below/file"), 1 << 20);
    File::create(dir.path().join("sparse")).unwrap().set_len(1 << 40).unwrap();
    let found = usage(dir.path());
    assert_eq!((found.entries, found.truncated), (3, false));
    assert!((MIB..2 * MIB).contains(&found.bytes), "{found:?}");
}

#[test]
fn links_are_not_followed_and_hard_links_count_once() {
    let (dir, outside) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    fill(&outside.path().join("file"), 16 << 20);
    symlink(outside.path(), dir.path().join("there")).unwrap();
    symlink(outside.path().join("file"), dir.path().join("file")).unwrap();
    symlink(".", dir.path().join("around")).unwrap();
    fill(&dir.path().join("a"), 4 << 20);
    for name in ["b", "c", "d"] {
        fs::hard_link(dir.path().join("a"), dir.path().join(name)).unwrap();
    }
    let found = usage(dir.path());
    assert_eq!((found.entries, found.truncated), (7, false));
    assert!((4 * MIB..5 * MIB).contains(&found.bytes), "{found:?}");
}

#[test]
fn the_walk_ends_after_so_many_entries() {
    let dir = TempDir::new().unwrap();
    for at in 0..10 {
        fs::write(dir.path().join(at.to_string()), "").unwrap();
    }
    let usage = |most| disk_usage(File::open(dir.path()).unwrap().as_fd(), most);
    assert_eq!((usage(9).entries, usage(9).truncated), (9, true));
    assert_eq!((usage(10).entries, usage(10).truncated), (10, false));
}

#[test]
fn a_tree_of_any_depth_is_walked_with_few_descriptors() {
    let dir = TempDir::new().unwrap();
    let mut at = dir.path().to_owned();
    for _ in 0..200 {
        at.push("d");
    }
    fs::create_dir_all(&at).unwrap();
    let found = usage(dir.path());
    assert!(found.truncated && (32..200).contains(&found.entries), "{found:?}");
}

#[test]
fn other_file_systems_are_not_entered() {
    let device = |path: &str| fs::metadata(path).ok().map(|it| it.dev());
    let Some(dir) = TempDir::new_in("/dev/shm").ok().filter(|_| device("/dev") != device("/dev/shm")) else {
        return skipped("no file system in another that we may write to");
    };
    fill(&dir.path().join("file"), 4 << 20);
    assert!(usage(Path::new("/dev/shm")).bytes >= 4 * MIB);
    assert!(usage(Path::new("/dev")).bytes < 4 * MIB);
}

#[expect(clippy::print_stderr, reason = "a test that proves nothing here says so")]
fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

#[test]
fn what_is_closed_is_not_taken_for_empty() {
    let dir = TempDir::new().unwrap();
    let closed = dir.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fill(&closed.join("file"), 1 << 20);
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    let found = usage(dir.path());
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    assert!(!found.truncated && found.bytes >= MIB, "{found:?}");
}
