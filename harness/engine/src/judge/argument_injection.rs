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
stands before it, and no option that it could be the value of. Again in a fresh process with a fresh
name, and not with a benign text in its place.

What is not reported: arguments behind `--`, values such as --name=TEXT, -m TEXT or --label TEXT,
programs whose options only change what they print.

Example: execFile('tar', ['-czf', 'out.tgz', body.folder]) with a folder called
--checkpoint-action=exec=...

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
    let is_ours = |it: &str| {
        let name = it.trim_start_matches('-');
        name.len() < it.len() && name.starts_with(nonce)
    };
    let options = exec.argv.iter().enumerate().skip(1).take_while(|(_, it)| *it != "--");
    let mut ours = options.filter(|(_, it)| is_ours(it));
    OBEDIENT.contains(&program) && ours.any(|(at, _)| !may_take_a_value(program, at - 1, &exec.argv[at - 1]))
}

/// Letters of options without a value, as their manuals have them.
const FLAGS: [(&str, &str); 14] = [
    ("bsdtar", "xctvzjJpPkmOaruSh"),
    ("curl", "sSLfiIkvgGnjNORqaZ012346#"),
    ("find", "HLP"),
    ("git", "qvfapldDri"),
    ("mysql", "sNrtvBHXE"),
    ("psql", "AqtxXlnz1"),
    ("rg", "inlvwscFxoUuSHNqzL0"),
    ("rsync", "avzrltpogDnuPhxHAXSWiqcC"),
    ("scp", "346BCpqrTv"),
    ("sed", "nErzsui"),
    ("sort", "bdfgiMhnRrVcCmsuz"),
    ("ssh", "46AaCfGgKkMNnqsTtVvXxYy"),
    ("tar", "xctvzjJpPkmOaAdruShlwWZ"),
    ("zip", "rqjmugyXDlLTv0123456789"),
];

/// The same in words. What begins with `no-` has none either.
const LONG_FLAGS: [&str; 32] = [
    "all",
    "archive",
    "bare",
    "bzip2",
    "cached",
    "compress",
    "compressed",
    "create",
    "delete",
    "dry-run",
    "extract",
    "fail",
    "force",
    "gzip",
    "insecure",
    "list",
    "location",
    "mirror",
    "name-only",
    "numeric-sort",
    "oneline",
    "porcelain",
    "progress",
    "prune",
    "quiet",
    "recursive",
    "reverse",
    "silent",
    "stat",
    "tags",
    "unique",
    "verbose",
];

/// Whether what follows this argument can be its value, so that no program looks for options in it: `-m TEXT`, `--label TEXT`.
fn may_take_a_value(program: &str, at: usize, argument: &str) -> bool {
    if let Some(name) = argument.strip_prefix("--") {
        return !name.contains('=') && !name.starts_with("no-") && !LONG_FLAGS.contains(&name);
    }
    // The letters of tar need no dash in the first argument.
    let letters = match argument.strip_prefix('-') {
        Some(letters) => letters,
        None if at == 1 && program.ends_with("tar") => argument,
        None => return false,
    };
    let flags = FLAGS.iter().find(|(name, _)| *name == program).map_or("", |(_, flags)| flags);
    letters.is_empty() || !letters.chars().all(|letter| flags.contains(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_an_option_is_none() {
        let is_option = |line: &str| {
            let argv: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let at = argv.iter().position(|it| it.ends_with("OURS")).unwrap();
            !may_take_a_value(&argv[0], at - 1, &argv[at - 1])
        };
        for line in [
            "tar -czf out.tgz --OURS",
            "sort -u --OURS",
            "find --OURS",
            "git log --oneline --OURS",
            "git ls-remote --OURS",
            "curl -sSL --OURS",
            "git commit -m a --OURS",
            "tar --exclude=x --OURS",
        ] {
            assert!(is_option(line), "{line}");
        }
        for line in [
            "tar -czf a.tgz --label --OURS",
            "tar xf --OURS",
            "tar -xf --OURS",
            "git commit --allow-empty -m --OURS",
            "curl -sS -H --OURS",
            "find . -name --OURS",
            "ffmpeg -i --OURS",
            "git checkout -b --OURS",
        ] {
            assert!(!is_option(line), "{line}");
        }
    }
}
