//! Only the hidden mode: the keeper of this crate's own tests, which have no other binary to re-execute.

fn main() -> std::process::ExitCode {
    evfuzz_sandbox::keeper_main()
}
