//! A small assembler for classic BPF, as seccomp uses it.
//!
//! Linux "Seccomp BPF": the filter sees `struct seccomp_data` {nr: u32, arch: u32, instruction_pointer: u64, args: [u64; 6]} and answers with an action.
//! This file knows instructions; which calls are refused is in `seccomp`.

use libc::sock_filter;

/// Offset of the system call number.
const NR: u32 = 0;
/// Offset of the architecture.
const ARCH: u32 = 4;

/// Offset of the low half of argument `index`. Both supported machines are little-endian.
fn arg(index: u32) -> u32 {
    16 + 8 * index
}

const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
const JUMP_IF_EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
const JUMP_IF_GREATER_OR_EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16;
const JUMP_IF_ANY_BIT: u16 = (libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K) as u16;
const AND: u16 = (libc::BPF_ALU | libc::BPF_AND | libc::BPF_K) as u16;
const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;

/// What the kernel does with a system call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Allow,
    Errno(i32),
    Kill,
    Notify,
    Trace,
}

impl Action {
    fn code(self) -> u32 {
        match self {
            Action::Allow => libc::SECCOMP_RET_ALLOW,
            Action::Errno(errno) => libc::SECCOMP_RET_ERRNO | errno as u32,
            Action::Kill => libc::SECCOMP_RET_KILL_PROCESS,
            Action::Notify => libc::SECCOMP_RET_USER_NOTIF,
            Action::Trace => libc::SECCOMP_RET_TRACE,
        }
    }
}

/// A condition on one argument. Only its low 32 bits count, but for pointers: the kernel takes all the arguments that we test as `int`,
/// or (flags of `clone`) defines no bit above them.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    /// One of `bits` is set.
    AnyBit { arg: u32, bits: u32 },
    /// The value under `mask` is one of `values`.
    OneOf { arg: u32, mask: u32, values: Vec<u32> },
    /// The value under `mask` is none of `values`.
    NoneOf { arg: u32, mask: u32, values: Vec<u32> },
    /// The whole argument, a pointer, is not null.
    NotNull { arg: u32 },
}

/// A program under construction. Rules are tried in order; the first that applies decides.
pub(crate) struct Assembler(Vec<sock_filter>);

impl Assembler {
    /// Starts with the checks that everything else relies on: the machine, and the plain numbering of its calls.
    pub(crate) fn new(arch: u32, foreign: Action, first_foreign_nr: Option<(u32, Action)>) -> Self {
        let mut this = Assembler(vec![
            insn(LOAD, 0, 0, ARCH),
            insn(JUMP_IF_EQUAL, 1, 0, arch),
            insn(RETURN, 0, 0, foreign.code()),
            insn(LOAD, 0, 0, NR),
        ]);
        if let Some((nr, action)) = first_foreign_nr {
            this.0.push(insn(JUMP_IF_GREATER_OR_EQUAL, 0, 1, nr));
            this.0.push(insn(RETURN, 0, 0, action.code()));
        }
        this
    }

    /// `action` for the call `nr`.
    pub(crate) fn call(&mut self, nr: i64, action: Action) {
        self.0.push(insn(JUMP_IF_EQUAL, 0, 1, nr as u32));
        self.0.push(insn(RETURN, 0, 0, action.code()));
    }

    /// `action` for the call `nr` if all `tests` hold.
    pub(crate) fn call_if(&mut self, nr: i64, tests: &[Test], action: Action) {
        let mut body = Vec::new();
        // Built backwards, because a failed test jumps over everything that follows it.
        body.push(insn(RETURN, 0, 0, action.code()));
        for test in tests.iter().rev() {
            let mut block = encode(test, small(body.len()));
            block.append(&mut body);
            body = block;
        }
        // The tests have overwritten the accumulator.
        body.push(insn(LOAD, 0, 0, NR));
        self.0.push(insn(JUMP_IF_EQUAL, 0, small(body.len()), nr as u32));
        self.0.append(&mut body);
    }

    /// `otherwise` for all other calls.
    pub(crate) fn finish(mut self, otherwise: Action) -> Vec<sock_filter> {
        self.0.push(insn(RETURN, 0, 0, otherwise.code()));
        self.0
    }
}

/// Falls through if the test holds, else skips `rest` more instructions.
fn encode(test: &Test, rest: u8) -> Vec<sock_filter> {
    match test {
        Test::AnyBit { arg: index, bits } => {
            vec![insn(LOAD, 0, 0, arg(*index)), insn(JUMP_IF_ANY_BIT, 0, rest, *bits)]
        }
        Test::NotNull { arg: index } => vec![
            insn(LOAD, 0, 0, arg(*index)),
            insn(JUMP_IF_EQUAL, 0, 2, 0),
            insn(LOAD, 0, 0, high_half(*index)),
            insn(JUMP_IF_EQUAL, rest, 0, 0),
        ],
        Test::OneOf { arg: index, mask, values } => {
            let mut block = masked(*index, *mask);
            let count = values.len();
            for (at, value) in values.iter().enumerate() {
                let behind = small(count - at - 1);
                let otherwise = if at + 1 == count { rest } else { 0 };
                block.push(insn(JUMP_IF_EQUAL, behind, otherwise, *value));
            }
            block
        }
        Test::NoneOf { arg: index, mask, values } => {
            let mut block = masked(*index, *mask);
            for (at, value) in values.iter().enumerate() {
                let to_end = small(values.len() - at - 1 + usize::from(rest));
                block.push(insn(JUMP_IF_EQUAL, to_end, 0, *value));
            }
            block
        }
    }
}

fn high_half(index: u32) -> u32 {
    arg(index) + 4
}

fn masked(index: u32, mask: u32) -> Vec<sock_filter> {
    vec![insn(LOAD, 0, 0, arg(index)), insn(AND, 0, 0, mask)]
}

fn small(len: usize) -> u8 {
    u8::try_from(len).expect("a rule has fewer than 256 instructions")
}

fn insn(code: u16, jt: u8, jf: u8, k: u32) -> sock_filter {
    sock_filter { code, jt, jf, k }
}

/// Runs `program` as the kernel would, for tests.
#[cfg(test)]
pub(crate) fn run(program: &[sock_filter], arch: u32, nr: i64, args: [u64; 6]) -> u32 {
    let mut data = Vec::new();
    data.extend((nr as u32).to_le_bytes());
    data.extend(arch.to_le_bytes());
    data.extend(0u64.to_le_bytes());
    for value in args {
        data.extend(value.to_le_bytes());
    }
    let (mut pc, mut acc) = (0, 0u32);
    loop {
        let it = program[pc];
        pc += 1;
        let jump = |taken: bool| usize::from(if taken { it.jt } else { it.jf });
        match it.code {
            LOAD => {
                let at = it.k as usize;
                acc = u32::from_le_bytes(data[at..at + 4].try_into().unwrap());
            }
            AND => acc &= it.k,
            JUMP_IF_EQUAL => pc += jump(acc == it.k),
            JUMP_IF_GREATER_OR_EQUAL => pc += jump(acc >= it.k),
            JUMP_IF_ANY_BIT => pc += jump(acc & it.k != 0),
            RETURN => return it.k,
            other => panic!("unknown instruction {other:#x}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARCH: u32 = 7;

    fn decide(program: &[sock_filter], nr: i64, args: &[u64]) -> u32 {
        let mut all = [0; 6];
        all[..args.len()].copy_from_slice(args);
        run(program, ARCH, nr, all)
    }

    #[test]
    fn first_rule_that_applies_decides() {
        let mut asm = Assembler::new(ARCH, Action::Kill, Some((1000, Action::Errno(38))));
        asm.call(1, Action::Errno(1));
        asm.call_if(2, &[Test::AnyBit { arg: 1, bits: 0b110 }], Action::Errno(2));
        asm.call_if(
            3,
            &[
                Test::OneOf { arg: 0, mask: 0xff, values: vec![5, 6] },
                Test::NoneOf { arg: 2, mask: !0, values: vec![7, 8] },
            ],
            Action::Errno(3),
        );
        asm.call(3, Action::Trace);
        asm.call_if(
            5,
            &[Test::NotNull { arg: 1 }, Test::OneOf { arg: 0, mask: !0, values: vec![1] }],
            Action::Errno(5),
        );
        asm.call(4, Action::Notify);
        let program = asm.finish(Action::Allow);
        let errno = |it: i32| Action::Errno(it).code();
        let allow = Action::Allow.code();

        assert_eq!(run(&program, 8, 0, [0; 6]), Action::Kill.code());
        assert_eq!(decide(&program, 0, &[]), allow);
        assert_eq!(decide(&program, 1000, &[]), errno(38));
        assert_eq!(decide(&program, 1, &[]), errno(1));
        assert_eq!(decide(&program, 2, &[0, 0b001]), allow);
        assert_eq!(decide(&program, 2, &[0, 0b100]), errno(2));
        assert_eq!(decide(&program, 3, &[0xf05, 0, 9]), errno(3));
        assert_eq!(decide(&program, 3, &[6, 0, 9]), errno(3));
        assert_eq!(decide(&program, 3, &[6, 0, 8]), Action::Trace.code());
        assert_eq!(decide(&program, 3, &[4, 0, 9]), Action::Trace.code());
        assert_eq!(decide(&program, 4, &[]), Action::Notify.code());
        assert_eq!(decide(&program, 5, &[1, 0]), allow);
        assert_eq!(decide(&program, 5, &[1, 7]), errno(5));
        assert_eq!(decide(&program, 5, &[1, 7 << 32]), errno(5));
        assert_eq!(decide(&program, 5, &[2, 7 << 32]), allow);
    }
}
