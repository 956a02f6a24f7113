//! Where the constants of an ELF program lie, and where each begins.
//!
//! Source: System V ABI, "Object Files" (headers, sections, `Elf64_Rela`), and the instruction
//! manuals for `lea` (x86-64) and `adrp`/`add` (AArch64). Anything unexpected makes this fall back
//! to the whole file without known beginnings.

/// More than this of constants is data.
const MAX_SECTION: usize = 8 << 20;
/// More code than this is not searched for references.
const MAX_CODE: usize = 32 << 20;
/// A longer text is no name, and a larger number no length.
const MAX_NAME: u64 = 64;
/// How much at the end of the code of a Go program is the function's own, as a guess.
const GO_MAIN: usize = 16 << 10;
/// The type of a section without content in the file.
const SHT_NOBITS: u32 = 8;
/// The type of a section with relocations that carry their addend.
const SHT_RELA: u32 = 4;
/// The flag of a section with code.
const SHF_EXECINSTR: u64 = 4;
const EM_X86_64: u16 = 62;
const EM_AARCH64: u16 = 183;

/// A stretch of constants.
#[derive(Debug)]
pub(super) struct Section<'a> {
    pub(super) bytes: &'a [u8],
    /// Offsets at which something points, ascending.
    pub(super) starts: Vec<usize>,
    /// Go only: those that the function's own code points at.
    ///
    /// The Go linker lays out packages in the order of their dependencies, so that `main` comes
    /// last; the strings of all packages are sorted by length, so that nearness says nothing.
    pub(super) own: Option<Vec<usize>>,
}

/// The sections of `content` that may hold constants.
pub(super) fn sections(content: &[u8]) -> Vec<Section<'_>> {
    match elf(content) {
        Some(sections) if !sections.is_empty() => sections,
        _ => {
            vec![Section { bytes: &content[..content.len().min(MAX_SECTION)], starts: Vec::new(), own: None }]
        }
    }
}

/// One entry of the section header table.
struct Header<'a> {
    name: &'a [u8],
    kind: u32,
    flags: u64,
    address: u64,
    bytes: &'a [u8],
}

fn elf(content: &[u8]) -> Option<Vec<Section<'_>>> {
    // 64 bits, little-endian: both architectures of Lambda.
    if !content.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    let machine = u16_at(content, 18)?;
    let table = usize::try_from(u64_at(content, 40)?).ok()?;
    let count = usize::from(u16_at(content, 60)?);
    let names = header(content, table, usize::from(u16_at(content, 62)?), &[])?.bytes;
    let headers: Vec<Header<'_>> =
        (0..count).filter_map(|index| header(content, table, index, names)).collect();
    let go = headers.iter().any(|it| it.name == b".gopclntab" || it.name == b".go.buildinfo");
    let mut targets = Vec::new();
    let mut own = Vec::new();
    for section in &headers {
        if section.flags & SHF_EXECINSTR != 0 {
            let code = &section.bytes[..section.bytes.len().min(MAX_CODE)];
            match machine {
                EM_X86_64 => x86_64_targets(code, section.address, &mut targets),
                EM_AARCH64 => aarch64_targets(code, section.address, &mut targets),
                _ => {}
            }
            if go && section.name == b".text" {
                let tail = code.len().saturating_sub(GO_MAIN) & !3;
                let address = section.address + tail as u64;
                match machine {
                    EM_X86_64 => x86_64_targets(&code[tail..], address, &mut own),
                    EM_AARCH64 => aarch64_targets(&code[tail..], address, &mut own),
                    _ => {}
                }
            }
        } else if section.kind == SHT_RELA {
            for entry in section.bytes.chunks_exact(24) {
                slice_targets(entry, &headers, &mut targets);
            }
        }
    }
    for targets in [&mut targets, &mut own] {
        targets.sort_unstable();
        targets.dedup();
    }
    let own = go.then_some(own.as_slice());
    let constants = |it: &&Header<'_>| it.name == b".rodata" || it.name.starts_with(b".rodata.");
    Some(headers.iter().filter(constants).map(|it| section(it, &targets, own)).collect())
}

fn section<'a>(header: &Header<'a>, targets: &[u64], own: Option<&[u64]>) -> Section<'a> {
    let bytes = &header.bytes[..header.bytes.len().min(MAX_SECTION)];
    let offsets = |targets: &[u64]| {
        let from = targets.partition_point(|it| *it < header.address);
        let offset = |it: &u64| usize::try_from(it - header.address).ok().filter(|it| *it < bytes.len());
        targets[from..].iter().map_while(offset).collect()
    };
    Section { bytes, starts: offsets(targets), own: own.map(offsets) }
}

/// A relocated pointer, and the end of what it points at if the word after it is its length, as
/// in a Rust `&str`.
fn slice_targets(entry: &[u8], headers: &[Header<'_>], targets: &mut Vec<u64>) -> Option<()> {
    // r_offset, r_info, r_addend: the addend is the address pointed at.
    let place = u64_at(entry, 0)?;
    let target = u64_at(entry, 16)?;
    targets.push(target);
    let holder = headers.iter().find(|it| {
        it.address != 0 && place.checked_sub(it.address).is_some_and(|at| at < it.bytes.len() as u64)
    })?;
    let length = u64_at(holder.bytes, usize::try_from(place - holder.address).ok()? + 8)?;
    if (1..=MAX_NAME).contains(&length) {
        targets.push(target.checked_add(length)?);
    }
    Some(())
}

fn header<'a>(content: &'a [u8], table: usize, index: usize, names: &'a [u8]) -> Option<Header<'a>> {
    let entry = content.get(table.checked_add(index.checked_mul(64)?)?..)?.get(..64)?;
    let kind = u32_at(entry, 4)?;
    let offset = usize::try_from(u64_at(entry, 24)?).ok()?;
    let size = usize::try_from(u64_at(entry, 32)?).ok()?;
    let bytes = match kind {
        SHT_NOBITS => &[],
        _ => content.get(offset..offset.checked_add(size)?)?,
    };
    let name = names.get(usize::try_from(u32_at(entry, 0)?).ok()?..).unwrap_or_default();
    let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
    Some(Header { name, kind, flags: u64_at(entry, 8)?, address: u64_at(entry, 16)?, bytes })
}

/// `lea reg, [rip + disp32]`: REX.W, 8d, ModRM with mod 00 and r/m 101.
///
/// A `mov reg, imm32` right after it is the length of a string that is passed on.
fn x86_64_targets(code: &[u8], address: u64, targets: &mut Vec<u64>) {
    for (at, window) in code.windows(7).enumerate() {
        if matches!(window[0], 0x48 | 0x4c) && window[1] == 0x8d && window[2] & 0xc7 == 0x05 {
            let displacement = i32::from_le_bytes([window[3], window[4], window[5], window[6]]);
            let next = address.wrapping_add(at as u64 + 7);
            let target = next.wrapping_add_signed(i64::from(displacement));
            targets.push(target);
            let after = code.get(at + 7..).unwrap_or_default();
            let after = after.strip_prefix(b"\x41").unwrap_or(after);
            let length = u32_at(after, 1).map(u64::from);
            if matches!(after.first(), Some(0xb8..=0xbf)) {
                let length = length.filter(|it| (1..=MAX_NAME).contains(it));
                targets.extend(length.map(|it| target.wrapping_add(it)));
            }
        }
    }
}

/// `adrp reg, page` and, soon after, `add reg, reg, offset`; then perhaps `mov reg, length`.
fn aarch64_targets(code: &[u8], address: u64, targets: &mut Vec<u64>) {
    // The page that each register holds, and when it was loaded.
    let mut pages = [(0u64, 0usize); 32];
    for (index, word) in code.chunks_exact(4).enumerate() {
        let word = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
        if word & 0x9f00_0000 == 0x9000_0000 {
            let immediate = ((word >> 5) & 0x7_ffff) << 2 | (word >> 29) & 3;
            // 21 bits with a sign.
            let pages_away = i64::from((immediate << 11).cast_signed() >> 11);
            let here = address.wrapping_add(index as u64 * 4) & !0xfff;
            pages[(word & 31) as usize] = (here.wrapping_add_signed(pages_away << 12), index + 1);
        } else if word & 0xffc0_0000 == 0x9100_0000 {
            let (page, loaded) = pages[((word >> 5) & 31) as usize];
            if loaded != 0 && index - (loaded - 1) <= 16 {
                let target = page.wrapping_add(u64::from((word >> 10) & 0xfff));
                targets.push(target);
                let next = u32_at(code, index * 4 + 4).filter(|it| it & 0xffe0_0000 == 0x5280_0000);
                let length = next.map(|it| u64::from((it >> 5) & 0xffff));
                let length = length.filter(|it| (1..=MAX_NAME).contains(it));
                targets.extend(length.map(|it| target.wrapping_add(it)));
            }
        }
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
