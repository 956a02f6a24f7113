//! The canary program: the smallest static ELF that says "I ran", written byte by byte so that no compiler is needed.
//!
//! Layout after System V ABI, "Object Files" (ELF header, one loadable segment) and the processor supplements for the start of a process:
//! at the entry point the stack pointer points at `argc`, followed by `argv[]`.

/// Where the segment is loaded. Any low page-aligned address works for a static program.
const BASE: u64 = 0x40_0000;
const EHDR: usize = 64;
const PHDR: usize = 56;
/// Code starts after the header and two program headers.
const ENTRY: usize = EHDR + 2 * PHDR;

/// The canary for this machine.
#[cfg(target_arch = "x86_64")]
pub(crate) fn native(path: &str) -> Vec<u8> {
    x86_64(path)
}

/// The canary for this machine.
#[cfg(target_arch = "aarch64")]
pub(crate) fn native(path: &str) -> Vec<u8> {
    aarch64(path)
}

/// `execve(path, argv, NULL); exit_group(0)` for x86_64.
#[cfg(any(test, target_arch = "x86_64"))]
fn x86_64(path: &str) -> Vec<u8> {
    const EM_X86_64: u16 = 62;
    let mut code = vec![
        0x48, 0x8d, 0x3d, 0, 0, 0, 0, // lea rdi, [rip + path]
        0x48, 0x8d, 0x74, 0x24, 0x08, // lea rsi, [rsp + 8]
        0x31, 0xd2, // xor edx, edx
        0xb8, 59, 0, 0, 0, // mov eax, SYS_execve
        0x0f, 0x05, // syscall
        0x31, 0xff, // xor edi, edi
        0xb8, 231, 0, 0, 0, // mov eax, SYS_exit_group
        0x0f, 0x05, // syscall
    ];
    // The displacement counts from the end of the first instruction (7 bytes) to the end of the code.
    let distance = u8::try_from(code.len() - 7).expect("the code is shorter than 128 bytes");
    code[3] = distance;
    image(EM_X86_64, &code, path)
}

/// `execve(path, argv, NULL); exit_group(0)` for aarch64.
#[cfg(any(test, target_arch = "aarch64"))]
fn aarch64(path: &str) -> Vec<u8> {
    const EM_AARCH64: u16 = 183;
    const INSTRUCTIONS: u32 = 8;
    // ADR: bits 30:29 = low two bits of the distance, 23:5 = the others. The distance is a multiple of 4.
    let adr_x0 = 0x1000_0000 | (((INSTRUCTIONS * 4) >> 2) << 5);
    let code: [u32; INSTRUCTIONS as usize] = [
        adr_x0,                   // adr x0, path
        0x9100_23e1,              // add x1, sp, #8
        0xd280_0002,              // mov x2, #0
        0xd280_0008 | (221 << 5), // mov x8, SYS_execve
        0xd400_0001,              // svc #0
        0xd280_0000,              // mov x0, #0
        0xd280_0008 | (94 << 5),  // mov x8, SYS_exit_group
        0xd400_0001,              // svc #0
    ];
    let bytes: Vec<u8> = code.iter().flat_map(|it| it.to_le_bytes()).collect();
    image(EM_AARCH64, &bytes, path)
}

/// An ELF file with `code` at its entry point and `path` right behind it.
fn image(machine: u16, code: &[u8], path: &str) -> Vec<u8> {
    const PT_LOAD: u32 = 1;
    // Without this header some kernels make every page of the process executable.
    const PT_GNU_STACK: u32 = 0x6474_e551;
    const READ_EXECUTE: u32 = 5;
    const READ_WRITE: u32 = 6;

    let size = (ENTRY + code.len() + path.len() + 1) as u64;
    let mut out = Vec::with_capacity(size as usize);
    out.extend(b"\x7fELF");
    out.extend([2, 1, 1, 0]); // 64 bit, little endian, version 1, System V
    out.extend([0; 8]);
    out.extend(2u16.to_le_bytes()); // ET_EXEC
    out.extend(machine.to_le_bytes());
    out.extend(1u32.to_le_bytes());
    out.extend((BASE + ENTRY as u64).to_le_bytes());
    out.extend((EHDR as u64).to_le_bytes()); // program headers
    out.extend(0u64.to_le_bytes()); // no section headers
    out.extend(0u32.to_le_bytes());
    for half in [EHDR as u16, PHDR as u16, 2, 0, 0, 0] {
        out.extend(half.to_le_bytes());
    }
    let mut program_header = |kind: u32, flags: u32, address: u64, length: u64, align: u64| {
        out.extend(kind.to_le_bytes());
        out.extend(flags.to_le_bytes());
        for word in [0, address, address, length, length, align] {
            out.extend(word.to_le_bytes());
        }
    };
    // 64 KiB is the largest page size of aarch64.
    program_header(PT_LOAD, READ_EXECUTE, BASE, size, 0x1_0000);
    program_header(PT_GNU_STACK, READ_WRITE, 0, 0, 16);
    out.extend(code);
    out.extend(path.as_bytes());
    out.push(0);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_programs_point_at_their_path() {
        let x86 = x86_64("/ran");
        let path = ENTRY + 7 + usize::from(x86[ENTRY + 3]);
        assert_eq!(&x86[path..], b"/ran\0");

        let arm = aarch64("/ran");
        let adr = u32::from_le_bytes(arm[ENTRY..ENTRY + 4].try_into().unwrap());
        let distance = (((adr >> 5) & 0x7_ffff) << 2) | ((adr >> 29) & 3);
        assert_eq!(&arm[ENTRY + distance as usize..], b"/ran\0");
    }

    #[test]
    fn header_describes_the_whole_file() {
        for file in [x86_64("/ran"), aarch64("/ran")] {
            assert_eq!(&file[..4], b"\x7fELF");
            let entry = u64::from_le_bytes(file[24..32].try_into().unwrap());
            assert_eq!(entry, BASE + ENTRY as u64);
            let size = u64::from_le_bytes(file[EHDR + 32..EHDR + 40].try_into().unwrap());
            assert_eq!(size, file.len() as u64);
        }
    }

    #[test]
    fn native_program_runs_and_exits_with_zero() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("canary");
        std::fs::write(&file, native("/does-not-exist")).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o555);
        std::fs::set_permissions(&file, mode).unwrap();
        let status = std::process::Command::new(&file).arg("x").status().unwrap();
        assert_eq!(status.code(), Some(0));
    }
}
