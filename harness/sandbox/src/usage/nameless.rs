//! Files of `memfd_create(2)`: memory that need not be mapped by anybody, so the kernel counts it for no process.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::{ffi::OsStrExt, fs::MetadataExt},
};

/// How the kernel names them (proc(5), `/proc/pid/fd`).
const NAME: &[u8] = b"/memfd:";

/// Bytes in such files that these processes hold open. A file that several hold counts once.
pub(super) fn bytes(pids: &[u32]) -> u64 {
    let mut found = BTreeMap::new();
    for pid in pids {
        for entry in fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten() {
            let path = entry.path();
            let nameless = fs::read_link(&path).is_ok_and(|it| it.as_os_str().as_bytes().starts_with(NAME));
            if let (true, Ok(file)) = (nameless, fs::metadata(&path)) {
                // stat(3type): st_blocks counts units of 512 bytes.
                found.insert((file.dev(), file.ino()), file.blocks().saturating_mul(512));
            }
        }
    }
    found.into_values().sum()
}
