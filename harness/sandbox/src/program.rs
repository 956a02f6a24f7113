//! Why `execve` refused a file, read from its first bytes: the error number blames the file for what its first line names.

use std::{
    fmt,
    fs::File,
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use crate::{isolation::Barriers, spec::ProcessSpec};

/// What is wrong with a file that could not be executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// No more than the error number says.
    Unknown,
    /// It is not marked as executable.
    NotExecutable,
    /// It has no content.
    Empty,
    /// It is text that does not name an interpreter.
    NoInterpreter,
    /// It would name one, were it not for the byte order mark in front.
    ByteOrderMark,
    /// The line that names its interpreter ends in a carriage return, which belongs to the name then.
    CarriageReturn {
        /// The name without it.
        interpreter: String,
    },
    /// A script whose interpreter is not there.
    InterpreterMissing {
        /// As its first line names it.
        interpreter: String,
    },
    /// A program whose loader is not there: it is linked against another C library, for example.
    LoaderMissing {
        /// As the program names it.
        loader: String,
    },
    /// It is built for another processor.
    OtherProcessor {
        /// What it is built for.
        built_for: String,
    },
}

impl Fault {
    /// What the file of `spec` has that `execve` refused with `errno`.
    pub(crate) fn of(spec: &ProcessSpec, barriers: &Barriers, errno: i32) -> Fault {
        find(&on_host(spec, barriers), errno).unwrap_or(Fault::Unknown)
    }

    /// In words, for an `execve` that ended with `errno`.
    pub(crate) fn told(&self, errno: i32) -> String {
        match self {
            Fault::Unknown => io::Error::from_raw_os_error(errno).to_string(),
            known => known.to_string(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Unknown => f.write_str("unknown reason"),
            Fault::NotExecutable => f.write_str("it is not marked as executable; chmod +x it"),
            Fault::Empty => f.write_str("it is empty; build or write it again"),
            Fault::NoInterpreter => f.write_str(
                "it is text without a first line that names its interpreter; begin it with #!/bin/sh or the like",
            ),
            Fault::ByteOrderMark => {
                f.write_str("it begins with a byte order mark instead of #!; save it as UTF-8 without one")
            }
            Fault::CarriageReturn { interpreter } => write!(
                f,
                "its lines end in CRLF, so that its interpreter is \"{interpreter}\\r\"; \
                 save it with LF alone (sed -i 's/\\r$//' FILE)"
            ),
            Fault::InterpreterMissing { interpreter } => write!(
                f,
                "the file is there, but not the interpreter {interpreter:?} that its first line names; \
                 correct that line, or bring the interpreter along with the function or in a layer"
            ),
            Fault::LoaderMissing { loader } => write!(
                f,
                "the file is there, but not the loader {loader:?} that it is linked for; \
                 build it for the C library of this machine, or link it statically"
            ),
            Fault::OtherProcessor { built_for } => write!(
                f,
                "it is built for {built_for}, and this machine is {}; build it for this one",
                std::env::consts::ARCH
            ),
        }
    }
}

/// Where the program of `spec` lies.
fn on_host(spec: &ProcessSpec, barriers: &Barriers) -> PathBuf {
    let nearest = spec
        .read
        .iter()
        .filter_map(|piece| Some((piece, spec.program.strip_prefix(piece.place(barriers)).ok()?)))
        .min_by_key(|(_, below)| below.components().count());
    match nearest {
        // Joining nothing would end the path in a slash.
        Some((piece, below)) if below.as_os_str().is_empty() => piece.source.clone(),
        Some((piece, below)) => piece.source.join(below),
        None => spec.program.clone(),
    }
}

fn find(file: &Path, errno: i32) -> Option<Fault> {
    let metadata = file.metadata().ok()?;
    // A pipe would wait for whoever writes to it.
    if !metadata.is_file() {
        return None;
    }
    if metadata.permissions().mode() & 0o111 == 0 {
        return Some(Fault::NotExecutable);
    }
    let mut head = Vec::new();
    File::open(file).ok()?.take(4096).read_to_end(&mut head).ok()?;
    match errno {
        libc::ENOENT => Some(match interpreter(&head) {
            Some(name) => match name.strip_suffix('\r') {
                Some(name) => Fault::CarriageReturn { interpreter: name.to_owned() },
                None => Fault::InterpreterMissing { interpreter: name },
            },
            None => Fault::LoaderMissing { loader: loader(&head)? },
        }),
        libc::ENOEXEC => match head.as_slice() {
            [] => Some(Fault::Empty),
            [0xEF, 0xBB, 0xBF, b'#', b'!', ..] => Some(Fault::ByteOrderMark),
            [0x7F, b'E', b'L', b'F', ..] => {
                let machine = machine(&head)?;
                let built_for =
                    processor(machine).map_or_else(|| format!("processor {machine}"), str::to_owned);
                (processor(machine) != Some(std::env::consts::ARCH))
                    .then_some(Fault::OtherProcessor { built_for })
            }
            text if std::str::from_utf8(text).is_ok() => Some(Fault::NoInterpreter),
            _ => None,
        },
        _ => None,
    }
}

/// What stands behind `#!`, up to a blank: execve(2), "Interpreter scripts". Linux looks at 256 bytes.
fn interpreter(head: &[u8]) -> Option<String> {
    let rest = head[..head.len().min(256)].strip_prefix(b"#!")?;
    let line = rest.split(|it| *it == b'\n').next()?;
    let name = line.split(|it| matches!(it, b' ' | b'\t')).find(|it| !it.is_empty())?;
    Some(String::from_utf8_lossy(name).into_owned())
}

/// The number of the processor in the header of a program: elf(5), `e_machine`.
fn machine(head: &[u8]) -> Option<u16> {
    let number = [*head.get(18)?, *head.get(19)?];
    // EI_DATA: 2 is big-endian.
    Some(if head.get(5) == Some(&2) { u16::from_be_bytes(number) } else { u16::from_le_bytes(number) })
}

/// elf.h, `EM_*`; names as in [`std::env::consts::ARCH`].
fn processor(machine: u16) -> Option<&'static str> {
    Some(match machine {
        3 => "x86",
        21 => "powerpc64",
        22 => "s390x",
        40 => "arm",
        62 => "x86_64",
        183 => "aarch64",
        243 => "riscv64",
        _ => return None,
    })
}

/// The loader of a dynamically linked program of 64 bits: elf(5), `PT_INTERP`.
fn loader(head: &[u8]) -> Option<String> {
    const PT_INTERP: u64 = 3;
    // ELFCLASS64, ELFDATA2LSB: all processors that Lambda has.
    head.strip_prefix(b"\x7FELF\x02\x01")?;
    let number = |at: usize, len: usize| -> Option<u64> {
        let bytes = head.get(at..at.checked_add(len)?)?;
        Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    };
    let (table, size, count) = (number(32, 8)?, number(54, 2)?, number(56, 2)?);
    let headers = (0..count).map_while(|it| usize::try_from(table.checked_add(it * size)?).ok());
    let found = headers.into_iter().find(|at| number(*at, 4) == Some(PT_INTERP))?;
    let at = usize::try_from(number(found.checked_add(8)?, 8)?).ok()?;
    let name = head.get(at..)?.split(|it| *it == 0).next()?;
    Some(String::from_utf8_lossy(name).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(content: &[u8], mode: u32, errno: i32, expected: Option<Fault>) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("bootstrap");
        std::fs::write(&file, content).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(find(&file, errno), expected);
    }

    #[test]
    fn the_first_line_is_read_as_the_kernel_does() {
        let missing = |it: &str| Some(Fault::InterpreterMissing { interpreter: it.to_owned() });
        check(b"#!/nope/sh\n", 0o755, libc::ENOENT, missing("/nope/sh"));
        check(b"#! \t/nope/sh -e\necho", 0o755, libc::ENOENT, missing("/nope/sh"));
        check(b"#!/nope/sh", 0o755, libc::ENOENT, missing("/nope/sh"));
        let returned = Some(Fault::CarriageReturn { interpreter: "/bin/bash".to_owned() });
        check(b"#!/bin/bash\r\necho\r\n", 0o755, libc::ENOENT, returned);
        // The return belongs to the argument: it is not why the interpreter is missing.
        check(b"#!/nope/sh -e\r\n", 0o755, libc::ENOENT, missing("/nope/sh"));
    }

    #[test]
    fn what_is_no_program_is_told_apart() {
        check(b"", 0o755, libc::ENOEXEC, Some(Fault::Empty));
        check(b"echo hello\n", 0o755, libc::ENOEXEC, Some(Fault::NoInterpreter));
        check("\u{feff}#!/bin/sh\n".as_bytes(), 0o755, libc::ENOEXEC, Some(Fault::ByteOrderMark));
        check(b"echo hello\n", 0o644, libc::EACCES, Some(Fault::NotExecutable));
        check(b"\x00\xFF\x01", 0o755, libc::ENOEXEC, None);
        check(b"\x7FELF", 0o755, libc::ENOEXEC, None);
        assert_eq!(find(Path::new("/does-not-exist"), libc::ENOENT), None);
    }

    #[test]
    fn programs_name_their_processor_and_loader() {
        let mut own = std::fs::read("/bin/sh").unwrap();
        own.truncate(4096);
        assert_eq!(machine(&own).and_then(processor), Some(std::env::consts::ARCH));
        let loader = loader(&own).unwrap();
        assert!(Path::new(&loader).exists(), "{loader}");
        check(&own, 0o755, libc::ENOENT, Some(Fault::LoaderMissing { loader }));
        // s390x, whose numbers begin with the high byte.
        (own[5], own[18], own[19]) = (2, 0, 22);
        check(&own, 0o755, libc::ENOEXEC, Some(Fault::OtherProcessor { built_for: "s390x".to_owned() }));
        // A damaged header must not lead out of the file.
        own[5] = 1;
        own[32..64].fill(0xFF);
        check(&own, 0o755, libc::ENOENT, None);
    }
}
