//! Bait in the kernel's keeping: a key, shared memory, a message queue, a terminal, a file handle, a vsock port.
//!
//! Each piece is optional, since a kernel may lack it; the control of a program then says so.

use std::{
    ffi::{CStr, CString},
    fs::{File, OpenOptions},
    io::Read,
    os::{
        fd::{AsRawFd, FromRawFd, OwnedFd},
        unix::{ffi::OsStrExt, fs::OpenOptionsExt},
    },
    path::Path,
};

use crate::bait::{random, token};

pub(crate) struct KernelBait {
    key: Option<(libc::c_long, String)>,
    shared_memory: Option<(libc::key_t, libc::c_int)>,
    queue: Option<String>,
    terminal: Option<(File, String)>,
    /// Keeps the terminal from hanging up.
    _slave: Option<File>,
    handle: Option<(libc::c_int, String)>,
    vsock: Option<(OwnedFd, u32)>,
}

impl KernelBait {
    pub(crate) fn lay(secret: &Path) -> KernelBait {
        let terminal = terminal();
        let slave = terminal.as_ref().and_then(|(_, name)| {
            OpenOptions::new().read(true).write(true).custom_flags(libc::O_NOCTTY).open(name).ok()
        });
        KernelBait {
            key: key(),
            shared_memory: shared_memory(),
            queue: queue(),
            terminal,
            _slave: slave,
            handle: handle(secret),
            vsock: vsock(),
        }
    }

    pub(crate) fn env(&self) -> Vec<(&'static str, String)> {
        let mut env = Vec::new();
        if let Some((id, name)) = &self.key {
            env.extend([("KEY_ID", id.to_string()), ("KEY_NAME", name.clone())]);
        }
        env.extend(self.shared_memory.map(|(key, _)| ("SHM_KEY", key.to_string())));
        env.extend(self.queue.clone().map(|it| ("QUEUE", it)));
        env.extend(self.terminal.as_ref().map(|(_, name)| ("TERMINAL", name.clone())));
        if let Some((kind, hex)) = &self.handle {
            env.extend([("SECRET_HANDLE_TYPE", kind.to_string()), ("SECRET_HANDLE", hex.clone())]);
        }
        env.extend(self.vsock.as_ref().map(|(_, port)| ("VSOCK", port.to_string())));
        env
    }

    pub(crate) fn taken(&mut self) -> Vec<String> {
        let mut seen = Vec::new();
        if let Some((master, _)) = &mut self.terminal {
            let mut bytes = [0; 256];
            if let Ok(len @ 1..) = master.read(&mut bytes) {
                seen.push(format!("{:?} at the terminal", String::from_utf8_lossy(&bytes[..len])));
            }
        }
        if let Some((_, id)) = self.shared_memory {
            // SAFETY: shmid_ds is plain data for which zero is valid; IPC_STAT fills it.
            let found = unsafe {
                let mut info: libc::shmid_ds = std::mem::zeroed();
                libc::shmctl(id, libc::IPC_STAT, &raw mut info)
            };
            if found < 0 {
                seen.push("the shared memory is gone".to_owned());
            }
        }
        if let Some((listener, _)) = &self.vsock {
            // SAFETY: accept4 may be called without an address; a descriptor that it returns is closed at once.
            let accepted = unsafe {
                libc::accept4(
                    listener.as_raw_fd(),
                    std::ptr::null_mut(),
                    std::ptr::null_mut(),
                    libc::SOCK_NONBLOCK,
                )
            };
            if accepted >= 0 {
                // SAFETY: a new descriptor that nobody else owns.
                drop(unsafe { OwnedFd::from_raw_fd(accepted) });
                seen.push("a connection by vsock".to_owned());
            }
        }
        seen
    }
}

impl Drop for KernelBait {
    fn drop(&mut self) {
        // SAFETY: all three calls take numbers or a terminated string that lives during the call.
        unsafe {
            if let Some((id, _)) = self.key {
                libc::syscall(libc::SYS_keyctl, libc::KEYCTL_UNLINK, id, libc::KEY_SPEC_USER_KEYRING);
            }
            if let Some((_, id)) = self.shared_memory {
                libc::shmctl(id, libc::IPC_RMID, std::ptr::null_mut());
            }
            if let Some(name) = self.queue.as_deref().and_then(|it| CString::new(it).ok()) {
                libc::syscall(libc::SYS_mq_unlink, name.as_ptr());
            }
        }
    }
}

/// A key in the key ring that all processes of this user share.
fn key() -> Option<(libc::c_long, String)> {
    let name = format!("evfuzz:{}", random());
    let (description, payload) = (CString::new(name.as_str()).unwrap(), token("key"));
    // SAFETY: two terminated strings, and as many bytes as are said.
    let id = unsafe {
        libc::syscall(
            libc::SYS_add_key,
            c"user".as_ptr(),
            description.as_ptr(),
            payload.as_ptr(),
            payload.len(),
            libc::KEY_SPEC_USER_KEYRING,
        )
    };
    (id > 0).then_some((id, name))
}

fn shared_memory() -> Option<(libc::key_t, libc::c_int)> {
    let key = i32::from_str_radix(&random()[..7], 16).unwrap();
    let text = token("shared-memory");
    // SAFETY: shmat returns -1 or a mapping of at least 4,096 bytes, into which fewer are copied; then it is detached.
    unsafe {
        let id = libc::shmget(key, 4096, libc::IPC_CREAT | libc::IPC_EXCL | 0o600);
        let bytes =
            if id < 0 { usize::MAX as *mut libc::c_void } else { libc::shmat(id, std::ptr::null(), 0) };
        if bytes as usize == usize::MAX {
            return None;
        }
        std::ptr::copy_nonoverlapping(text.as_ptr(), bytes.cast(), text.len());
        libc::shmdt(bytes);
        Some((key, id))
    }
}

/// A queue with one message. The kernel's names have no slash in front (mq_overview(7)).
fn queue() -> Option<String> {
    let name = format!("evfuzz-{}", random());
    let (path, text) = (CString::new(name.as_str()).unwrap(), token("message-queue"));
    // SAFETY: mq_attr is plain data for which zero is valid.
    let mut attributes: libc::mq_attr = unsafe { std::mem::zeroed() };
    (attributes.mq_maxmsg, attributes.mq_msgsize) = (1, 256);
    // SAFETY: a terminated string and a structure that live during the call.
    let fd = unsafe {
        let flags = libc::O_CREAT | libc::O_EXCL | libc::O_RDWR | libc::O_CLOEXEC;
        libc::syscall(libc::SYS_mq_open, path.as_ptr(), flags, 0o600, &raw const attributes)
    };
    if fd < 0 {
        return None;
    }
    // SAFETY: a new descriptor that nobody else owns.
    let queue = unsafe { OwnedFd::from_raw_fd(fd as i32) };
    let none = std::ptr::null::<libc::timespec>();
    // SAFETY: as many bytes as are said.
    let sent = unsafe {
        libc::syscall(libc::SYS_mq_timedsend, queue.as_raw_fd(), text.as_ptr(), text.len(), 1, none)
    };
    (sent == 0).then_some(name)
}

/// The user's side of a new terminal, and the name of the other side.
fn terminal() -> Option<(File, String)> {
    let options = libc::O_NONBLOCK | libc::O_NOCTTY;
    let master = OpenOptions::new().read(true).write(true).custom_flags(options).open("/dev/ptmx").ok()?;
    let mut name = [0; 64];
    // SAFETY: the calls take an open descriptor; ptsname_r writes no more than it is told.
    let failed = unsafe {
        libc::grantpt(master.as_raw_fd()) < 0
            || libc::unlockpt(master.as_raw_fd()) < 0
            || libc::ptsname_r(master.as_raw_fd(), name.as_mut_ptr(), name.len()) != 0
    };
    if failed {
        return None;
    }
    // SAFETY: ptsname_r has written a terminated string.
    let name = unsafe { CStr::from_ptr(name.as_ptr()) };
    Some((master, name.to_string_lossy().into_owned()))
}

/// Type and bytes of the handle of a file (open_by_handle_at(2)).
fn handle(path: &Path) -> Option<(libc::c_int, String)> {
    #[repr(C)]
    struct Handle {
        bytes: u32,
        kind: libc::c_int,
        handle: [u8; 128],
    }
    let path = CString::new(path.as_os_str().as_bytes()).unwrap();
    let mut found = Handle { bytes: 128, kind: 0, handle: [0; 128] };
    let mut mount = 0;
    // SAFETY: the structure begins like struct file_handle and has the room that it says.
    let result = unsafe {
        libc::syscall(
            libc::SYS_name_to_handle_at,
            libc::AT_FDCWD,
            path.as_ptr(),
            &raw mut found,
            &raw mut mount,
            0,
        )
    };
    let hex = found.handle[..(found.bytes as usize).min(128)].iter().map(|it| format!("{it:02x}")).collect();
    (result == 0).then_some((found.kind, hex))
}

fn vsock() -> Option<(OwnedFd, u32)> {
    // SAFETY: socket returns a new descriptor or -1; the addresses are plain data of the size that is said.
    unsafe {
        let fd =
            libc::socket(libc::AF_VSOCK, libc::SOCK_STREAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC, 0);
        if fd < 0 {
            return None;
        }
        let fd = OwnedFd::from_raw_fd(fd);
        let mut address: libc::sockaddr_vm = std::mem::zeroed();
        address.svm_family = libc::AF_VSOCK as libc::sa_family_t;
        // Only for this machine; refused where the kernel has no loopback for vsock.
        (address.svm_cid, address.svm_port) = (libc::VMADDR_CID_LOCAL, libc::VMADDR_PORT_ANY);
        let mut size = size_of::<libc::sockaddr_vm>() as libc::socklen_t;
        let raw = fd.as_raw_fd();
        let failed = libc::bind(raw, (&raw const address).cast(), size) < 0
            || libc::listen(raw, 8) < 0
            || libc::getsockname(raw, (&raw mut address).cast(), &raw mut size) < 0;
        (!failed).then_some((fd, address.svm_port))
    }
}
