//! Event data led to a file that its sender chose.
//!
//! Proof: the sandbox saw the function open, make, rename or delete the canary file that the payload leads to. That lies in a
//! folder of evfuzz's, above and beside all that a function owns: whoever takes the base name, or joins the path to a folder
//! and keeps to it, never gets there. Files that a user names inside a folder lie in that folder. Looking whether a file is
//! there (`stat`, `realpath`) opens nothing, so checks before opening are silent. Who opens a file first and compares its path
//! afterwards has opened it.

use evfuzz_generators::case::TestCase;
use evfuzz_generators::payload::PayloadClass;

use super::reached::{canary_file, sighting};
use super::{Sighting, planted_of};
use crate::finding::OracleId;
use crate::observe::Observation;

pub(super) const EXPLANATION: &str = "\
path-traversal: text from the event led to a file outside of its folder (CWE-22).

Whoever chooses the path reads the function's code, its environment (/proc/self/environ) and what
other events left in /tmp, or overwrites and deletes files there.

How it is proven: the payload is a path (../../.., absolute, or one that becomes such when it is
cleaned once) to a canary file with a random name made for this test case and this field. The
sandbox saw the function, or a program that it started, open, write, rename or delete exactly that
file, in whatever language it is written. Again in a fresh process with a fresh name, and not with
a benign text in its place.

What is not reported: files that a sender names inside of a folder; checks that a file exists
(stat, realpath) before a path is refused; paths that leave their own folder but not the one above
it that the function checks.

Example: fs.readFile('/tmp/reports/' + event.pathParameters.name), or os.path.join(folder, key) with
a key that begins with a slash.

How to fix it: take the base name (path.basename, os.path.basename) or a name from an allow-list. Where
folders are wanted: resolve the path (path.resolve, os.path.realpath), compare it with the folder and a
slash behind it, and open the path that was compared.";

pub(super) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    if observation.opens.is_empty() {
        return Vec::new();
    }
    let planted = planted_of(case, |class| class == PayloadClass::PathTraversal);
    let seen = planted.iter().filter_map(|it| {
        let (access, _) = canary_file(it, observation)?;
        let what = format!("leads to a file elsewhere, which is {}", access.done());
        sighting(it, observation, OracleId::PathTraversal, &what)
    });
    seen.collect()
}
