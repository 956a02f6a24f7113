//! evfuzz: fuzzes AWS Lambda functions through their events, on your own machine.
//!
//! Arguments, terminal, reports and exit codes. What is done lives in the engine.

#[cfg(target_os = "linux")]
mod args;
#[cfg(target_os = "linux")]
mod commands;
#[cfg(target_os = "linux")]
mod exit;
#[cfg(target_os = "linux")]
mod report;
#[cfg(target_os = "linux")]
mod settings;
#[cfg(target_os = "linux")]
mod signals;

/// A test case is hundreds of small allocations: with glibc's it takes 11 (S3) to 30 % (DynamoDB) more instructions, and about a
/// sixth more time (`cargo bench -p evfuzz-generators`).
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    if std::env::args_os().nth(1).is_some_and(|arg| arg == commands::KEEPER) {
        return evfuzz_sandbox::keeper_main();
    }
    commands::main()
}

/// Functions are confined with namespaces, Landlock and seccomp, which only Linux has.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::print_stderr, reason = "there is no report module on these systems")]
fn main() -> std::process::ExitCode {
    eprintln!(
        "evfuzz: this system is not supported: evfuzz runs hostile input and confines the function \
         with Linux namespaces, Landlock and seccomp.\n\
         Run it on Linux, in a Linux virtual machine or container, or on Windows in WSL2."
    );
    std::process::ExitCode::from(4)
}
