//! Event data became an option of a program that does with options what its user asks for.
//!
//! Proof: the argument vector of the program that was started. An argument that begins with `-` and holds a nonce, with no `--`
//! before it, is taken for an option. Most programs have no option that hurts, and a function that hands a value to `echo` without
//! `--` is fine: so it counts only for programs that are known to run, write or send something on request.

use evfuzz_generators::case::{Planted, TestCase};
use evfuzz_generators::payload::PayloadClass;
use evfuzz_sandbox::ExecRecord;

use super::{Sighting, planted_of, sighting_at};
use crate::finding::{Evidence, OracleId};
use crate::observe::Observation;

pub(super) const EXPLANATION: &str = "\
argument-injection: text from the event became an option of a program (CWE-88).

No shell is needed: tar runs --checkpoint-action, git runs --upload-pack, curl writes files with
-o, find runs -exec. Whoever chooses an option of these programs runs commands, or reads and
writes files.

How it is proven: the payload is an option with a random name made for this test case and this
field. A program whose options can hurt was started with it where it takes options: no `--`
stands before it. Again in a fresh process with a fresh name, and not with a benign text in its place.

What is not reported: arguments behind `--`, values such as --name=TEXT, programs whose options only
change what they print.

Example: execFile('tar', ['xf', body.archive]) with an archive called --checkpoint-action=exec=...

How to fix it: put '--' before arguments that come from the event, or './' before names of files, and
check the value against an allow-list.";

/// Programs with options that run programs, or read, write or send files. GTFOBins ("command", "file write", "file read",
/// "upload") and Sonar's list of argument injection vectors name what each can do.
const OBEDIENT: [&str; 44] = [
    "7z",
    "aria2c",
    "awk",
    "bsdtar",
    "chromium",
    "convert",
    "cpio",
    "curl",
    "docker",
    "ffmpeg",
    "find",
    "gawk",
    "gcc",
    "gdb",
    "git",
    "gs",
    "hg",
    "ld",
    "less",
    "magick",
    "man",
    "mawk",
    "mutt",
    "mysql",
    "nice",
    "nmap",
    "openssl",
    "pandoc",
    "psql",
    "rg",
    "rsync",
    "scp",
    "sed",
    "sendmail",
    "sftp",
    "sort",
    "split",
    "ssh",
    "svn",
    "tar",
    "wget",
    "wkhtmltopdf",
    "xelatex",
    "zip",
];

pub(super) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    if observation.execs.is_empty() {
        return Vec::new();
    }
    let planted = planted_of(case, |class| class == PayloadClass::Argument);
    let sighting = |planted: &Planted| {
        let exec = observation.execs.iter().find(|exec| is_option_of(exec, planted.nonce.as_str()))?;
        let evidence = vec![
            Evidence::new("payload", planted.text.clone()),
            Evidence::new("command line", exec.argv.join(" ")),
        ];
        Some(sighting_at(planted, OracleId::ArgumentInjection, "becomes an option of a program", evidence))
    };
    planted.iter().filter_map(sighting).collect()
}

/// Whether the program got an argument with `nonce` that it takes for an option.
fn is_option_of(exec: &ExecRecord, nonce: &str) -> bool {
    let program = exec.path.rsplit('/').next().unwrap_or_default();
    let options = exec.argv.iter().skip(1).take_while(|it| *it != "--");
    let is_ours = |it: &String| {
        let name = it.trim_start_matches('-');
        name.len() < it.len() && name.starts_with(nonce)
    };
    OBEDIENT.contains(&program) && { options }.any(is_ours)
}
